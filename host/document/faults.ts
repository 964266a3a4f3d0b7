// Where a document breaks which rule, in words.

import type { z } from "zod";

export interface Fault {
  /** "tariffSwitchingTable.valueCurrent.seasons[2].name". */
  readonly place: string;
  readonly rule: string;
}

export function faultOfIssue(issue: z.core.$ZodIssue | undefined): Fault {
  if (issue === undefined) return { place: "", rule: "it is no snapshot" };
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0] ?? "";
    return { place: placeOf([...issue.path, key]), rule: "there is nothing of that name" };
  }
  if (issue.code === "invalid_union")
    return { place: placeOf(issue.path), rule: "it is of none of the forms allowed here" };
  if (issue.code === "invalid_type" && issue.message.endsWith("received undefined"))
    return { place: placeOf(issue.path), rule: "it is missing" };
  return { place: placeOf(issue.path), rule: issue.message };
}

function placeOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((place, step) => {
    if (typeof step === "number") return `${place}[${step}]`;
    return place === "" ? String(step) : `${place}.${String(step)}`;
  }, "");
}
