// docs/spec/snapshot.md and docs/spec/snapshot.schema.json, made of the declaration: whoever changes it, changes them.

import { z } from "zod";
import { esmeLive, SECTIONS } from "../ledger/state/state.js";
import { HEADING, OURS, SCHEMA, snapshot } from "./declaration.js";
import { MEANINGS } from "./meanings.js";

type Json = { readonly [key: string]: unknown };

const GROUPS: readonly (readonly [title: string, names: readonly string[]])[] = [
  ["Heading", Object.keys(HEADING)],
  ["Registers and half hours", Object.keys(OURS)],
  ["The supply as it is now", Object.keys(esmeLive.unwrap().shape)],
  ["What the meter is set to and has written down", SECTIONS],
];

const HEAD = `# The snapshot, \`${SCHEMA}\`

\`esme snapshot\` writes the whole ESME as one JSON object, \`esme restore\` puts it back: exactly, every register, half hour, log and
setting, and what was in progress. The names are those of SMETS objects and fields in lowerCamelCase; what SMETS does not name stands in
the sections that end in Account. \`snapshot.schema.json\` beside this page is the JSON Schema. Both are made of the declaration of the
state: do not edit them.

## Rules
1. All sections stand in every snapshot, and nothing else. An unknown key, a wrong type, a number out of its range or a log too deep is
   refused whole, with the place and the rule; the meter goes on with what it had.
2. For each register: register = half hours + the open one + unallocated + dropped, modulo 2^32 Wh. TOU registers, blocks and what the
   account has not shared out yet make the active import register; so do the days. Half hours end at minute 00 or 30 and ascend. What a
   command may not set, such as a day that no profile describes, a snapshot may not hold.
3. A restore onto a newer meter is refused: one whose last reading is later, or of which a register would fall.
4. A moment is RFC 3339 in UTC. \`null\` is not known, or none; never 0.
5. Fields are added, never renamed; a snapshot of another version is refused by its name.

## A partial snapshot
Of a snapshot that a message is answered from (\`esme gbcs respond\`, \`esme gbcs alert\`; \`esme gbcs state\` writes one) any section
may be missing but \`schema\` and \`at\`; \`esme restore\` takes a whole one only. What stands there is held to the same types, ranges and
sums.

- A missing section is that of a new meter, with the randomised offset number 1. The \`required\` of the schema is a whole one's.
- Missing accounts are completed. The meter has read once, at \`at\`, by a device called "snapshot"; what the half hours do not explain of a
  register is unallocated, what rates and days do not explain belongs to none. The open half hour begins at \`at\`.
- The three logs of half hours may name different ones: the meter has all of them, with null where a log does not say.
- \`secondaryValue\` in a half hour, or any part of \`besideAccount.secondary\`, makes a secondary element.
- The rules between settings are not asked: a real meter may have told what a command may not set here. With no section missing it is a
  whole snapshot, and they are.

In brackets stands where SMETS2 speaks of a section, or that it is ours.
`;

/** The text of docs/spec/snapshot.md. */
export function snapshotPage(): string {
  const { properties } = z.toJSONSchema(snapshot, { io: "input" }) as { properties: { [name: string]: Json } };
  const groups = GROUPS.map(([title, names]) => {
    const sections = names.map((name) => section(name, properties[name] ?? {}));
    return `## ${title}\n\n${sections.join("\n")}`;
  });
  return `${HEAD}\n${groups.join("\n")}`;
}

/** The text of docs/spec/snapshot.schema.json. */
export function snapshotSchema(): string {
  const schema = z.toJSONSchema(snapshot, {
    io: "input",
    reused: "ref",
    override: ({ jsonSchema }) => {
      delete jsonSchema.readOnly;
      // The full pattern says what `format` says; that only UTC is written is ours.
      if (jsonSchema.format === "date-time") jsonSchema.pattern = "Z$";
    },
  });
  const described = Object.entries((schema.properties ?? {}) as { [name: string]: Json }).map(([name, one]) => {
    const [clause, description] = MEANINGS[name as keyof typeof MEANINGS];
    return [name, { description, clause, ...one }];
  });
  const title = "A snapshot of an OpenESME electricity meter";
  return `${JSON.stringify({ title, ...schema, properties: Object.fromEntries(described) }, null, 2)}\n`;
}

/** Paths of MEANINGS that name no field. */
export function strayMeanings(): readonly string[] {
  const { properties } = z.toJSONSchema(snapshot, { io: "input" }) as { properties: { [name: string]: Json } };
  return Object.entries(MEANINGS).flatMap(([name, [, , fields = {}]]) => {
    const known = new Set(rows(properties[name] ?? {}, "").map(({ path }) => path));
    return Object.keys(fields).flatMap((path) => (known.has(path) ? [] : [`${name}.${path}`]));
  });
}

function section(name: string, schema: Json): string {
  const [clause, meaning, fields = {}] = MEANINGS[name as keyof typeof MEANINGS];
  const [first, ...below] = rows(schema, "");
  const lines = (below.length === 0 ? [first] : below).map((row) => {
    const { path = "", type = "", unit = "" } = row ?? {};
    return `| ${path === "" ? name : path} | ${type} | ${unit} | ${fields[path] ?? ""} |`;
  });
  const table = ["| field | type | unit | meaning |", "|---|---|---|---|", ...lines].join("\n");
  return `### ${name}\n${sentence(meaning)} (${source(clause)})\n\n${table}\n`;
}

interface Row {
  readonly path: string;
  readonly type: string;
  readonly unit: string;
}

/** A row for the value and, below it, for each of its fields; those of the books beside the meter's own are told once. */
function rows(schema: Json, path: string): readonly Row[] {
  const nullable = alternatives(schema).some((one) => one.type === "null");
  const real = alternatives(schema).filter((one) => one.type !== "null");
  const unit = String(schema.unit ?? real[0]?.unit ?? itemOf(real[0] ?? {})?.unit ?? "");
  const type = real.map(typeOf).join(" or ") + (nullable ? " or null" : "");
  const below = real.flatMap((one) => {
    if ("ledgerAccount" in ((one.properties ?? {}) as Json)) return [];
    return fieldsOf(one, path);
  });
  const seen = new Set<string>();
  return [{ path, type, unit }, ...below.filter((row) => !seen.has(row.path) && seen.add(row.path))];
}

function fieldsOf(schema: Json, path: string): readonly Row[] {
  if (schema.type === "object") {
    const properties = (schema.properties ?? {}) as { [name: string]: Json };
    return Object.entries(properties).flatMap(([key, one]) => rows(one, path === "" ? key : `${path}.${key}`));
  }
  const item = itemOf(schema);
  return item === null
    ? []
    : rows(item, `${path}[]`)
        .slice(scalar(item) ? 1 : 0)
        .filter((row) => row.path !== `${path}[]`);
}

function typeOf(schema: Json): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum)) return schema.enum.map((one) => JSON.stringify(one)).join(" ");
  const item = itemOf(schema);
  if (item !== null) {
    const [least, most] = [schema.minItems, schema.maxItems ?? (schema.prefixItems as unknown[] | undefined)?.length];
    const how =
      most === undefined ? "list" : least === most || schema.prefixItems !== undefined ? `${most}` : `at most ${most}`;
    const inner = alternatives(item);
    return `${how} of ${inner.map(typeOf).join(" or ")}`;
  }
  if (schema.format === "date-time") return "moment";
  if (schema.type === "integer") {
    const [low, high] = [schema.minimum, schema.maximum].map((bound) =>
      Math.abs(Number(bound)) > 2 ** 52 ? null : bound,
    );
    return low == null && high == null ? "integer" : high == null ? `integer from ${low}` : `integer ${low}..${high}`;
  }
  return String(schema.type ?? "");
}

function alternatives(schema: Json): readonly Json[] {
  if (Array.isArray(schema.type)) return schema.type.map((type) => ({ ...schema, type }));
  return ((schema.anyOf ?? schema.oneOf) as readonly Json[] | undefined) ?? [schema];
}

function itemOf(schema: Json): Json | null {
  if (schema.type !== "array") return null;
  return ((schema.prefixItems as readonly Json[] | undefined)?.[0] ?? schema.items ?? null) as Json | null;
}

function scalar(schema: Json): boolean {
  return alternatives(schema).every((one) => one.type !== "object" && one.type !== "array");
}

function source(clause: string): string {
  return /^\d/.test(clause) ? `SMETS2 ${clause}` : clause;
}

function sentence(text: string): string {
  return `${text[0]?.toUpperCase()}${text.slice(1)}.`;
}
