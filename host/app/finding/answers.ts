// An answers file: YAML or JSON, checked whole, a mistake told with its line and column.

import { isNode, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { boundedText } from "../bounded-text.js";
import { Refusal } from "../refusal.js";

export function answersIn<T>(path: string, schema: z.ZodType<T>): T {
  const text = boundedText(path);
  const lines = new LineCounter();
  const refuseAt = (offset: number, reason: string): never => {
    const { line, col } = lines.linePos(offset);
    throw new Refusal(
      "answers-invalid",
      `${path}:${line}:${col}: ${reason}`,
      "mend that line; docs/guides/finding.md shows one",
    );
  };
  const document = parseDocument(text, { lineCounter: lines });
  const broken = document.errors[0] ?? document.warnings[0];
  if (broken !== undefined)
    refuseAt(broken.pos[0], broken.message.split("\n")[0]?.replace(/ at line.*/, "") ?? "not understood");
  let written: unknown;
  try {
    written = document.toJS();
  } catch {
    return refuseAt(0, "its aliases stand for more than answers can say");
  }
  const parsed = schema.safeParse(written);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const keys = issue?.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
  const place = [...(issue?.path ?? []), ...keys];
  for (let depth = place.length; depth >= 0; depth--) {
    const found = document.getIn(place.slice(0, depth), true);
    if (isNode(found))
      refuseAt(
        found.range?.[0] ?? 0,
        `${place.map(String).join(".") || "the file"}: ${issue?.message ?? "not understood"}`,
      );
  }
  return refuseAt(0, issue?.message ?? "not understood");
}
