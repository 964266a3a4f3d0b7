// `esme read profile` and `esme export`: the half hours. Asked often, so it loads little.

import { openHalfHours } from "../../adapters/store/half-hour-reader.js";
import type { HalfHour } from "../../ledger/profile.js";
import { rfc3339 } from "../../ledger/units.js";
import { halfHourMessage } from "../../meter/json-messages.js";
import { table } from "../table.js";
import { ALWAYS, type Options, opened, say } from "./opening.js";

export function readProfile(options: Options): void {
  opened(options, openHalfHours, (reader, name) => {
    const entries = reader.profile(name, options.from ?? ALWAYS.from, options.to ?? ALWAYS.to);
    if (options.json === true) return say(JSON.stringify(entries.map(entryOf)));
    const cell = (value: number | null) => (value === null ? "-" : String(value));
    const rows = entries.map((entry) => [rfc3339(entry.end), ...entry.wh.map(cell), entry.flags.join(" ")]);
    say(table(["half hour ending", "import Wh", "export Wh", "import varh", "export varh", "flags"], rows));
  });
}

export function exportProfile(options: Options & { readonly format: "csv" | "json" }): void {
  opened(options, openHalfHours, (reader, name) => {
    const entries = reader.profile(name, options.from ?? ALWAYS.from, options.to ?? ALWAYS.to);
    if (options.format === "json" || options.json === true) return say(JSON.stringify(entries.map(entryOf), null, 1));
    say("half_hour_end_utc,import_wh,export_wh,import_varh,export_varh,flags");
    for (const entry of entries)
      say([rfc3339(entry.end), ...entry.wh.map((value) => value ?? ""), entry.flags.join(" ")].join(","));
  });
}

function entryOf(entry: HalfHour) {
  const { schema: _, ...fields } = halfHourMessage(entry);
  return fields;
}
