// A YAML or JSON file that a person wrote: read whole, its values plain, a mistake told with its line and column.

import { type Document, isNode, isScalar, LineCounter, parseDocument, visit } from "yaml";
import type { z } from "zod";
import { boundedText } from "./bounded-text.js";
import { Refusal } from "./refusal.js";

/** What to say of a mistake at `place`, a path of keys. */
export type Mistake = (place: readonly PropertyKey[], rule: string) => never;

export interface YamlFile {
  /** What it says, as the schema has it; what the schema does not take is refused. */
  as<T>(schema: z.ZodType<T>): T;
  readonly mistake: Mistake;
}

/** Code and next step of what `esme init` and `esme doctor` are answered with. */
export const ANSWERS = ["answers-invalid", "mend that line; docs/guides/finding.md shows one"] as const;

/** `code` and `next`: of every refusal. */
export function yamlFile(path: string, code: string, next: string): YamlFile {
  const text = boundedText(path);
  const lines = new LineCounter();
  const refuseAt = (offset: number, reason: string): never => {
    const { line, col } = lines.linePos(offset);
    throw new Refusal(code, `${path}:${line}:${col}: ${reason}`, next);
  };
  const document = parseDocument(text, { lineCounter: lines });
  const broken = document.errors[0] ?? document.warnings[0];
  if (broken !== undefined) refuseAt(broken.pos[0], brokenInWords(broken.message));
  const written = plainValue(document, refuseAt);
  const mistake: Mistake = (place, rule) =>
    refuseAt(offsetOf(document, place), `${place.map(String).join(".") || "the file"}: ${rule}`);
  return {
    mistake,
    as(schema) {
      const parsed = schema.safeParse(written);
      if (parsed.success) return parsed.data;
      const issue = parsed.error.issues[0];
      const keys = issue?.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
      return mistake([...(issue?.path ?? []), ...keys], issue?.message ?? "not understood");
    },
  };
}

/** The reader's own words for a text that is nested too deep for it are those of its stack. */
function brokenInWords(message: string): string {
  if (/call stack/i.test(message)) return "it is nested deeper than can be read";
  return message.replace(/(?: at line \d+, column \d+)?:?\n.*$/s, "");
}

/** What the text says, unless it says it in a way that no plain value can hold. */
function plainValue(document: Document, refuseAt: (offset: number, reason: string) => never): unknown {
  visit(document, {
    Pair: (_, { key }) => {
      // No schema sees this key: it names what all objects share.
      if (isScalar(key) && key.value === "__proto__") refuseAt(key.range?.[0] ?? 0, "__proto__ is no name");
    },
  });
  try {
    return document.toJS();
  } catch {
    return refuseAt(0, "its aliases stand for more than can be read");
  }
}

/** Where in the text a key stands, or the nearest thing around it. */
function offsetOf(document: Document, place: readonly PropertyKey[]): number {
  for (let depth = place.length; depth >= 0; depth--) {
    const found = document.getIn(place.slice(0, depth) as string[], true);
    if (isNode(found)) return found.range?.[0] ?? 0;
  }
  return 0;
}
