// `esme compare [A] [B]`: two sources on one conductor, half hour by half hour, and whether they drift apart.

import { openHalfHours } from "../../adapters/store/half-hour-reader.js";
import { type Comparison, compared, type Pair } from "../../lab/compare.js";
import { rfc3339 } from "../../ledger/units.js";
import type { LedgerReader } from "../../ports/store.js";
import { refuse, usedWrongly } from "../refusal.js";
import { table } from "../table.js";
import { ALWAYS, type Options, opened, say } from "./opening.js";

const QUANTITIES = ["import", "export"] as const;

export function compare(a: string | undefined, b: string | undefined, options: Options): void {
  opened(options, openHalfHours, (reader) => {
    const pairs = pairsOf(reader, a, b);
    const { from, to } = { ...ALWAYS, ...options };
    const told = pairs.map(({ a, b }) => {
      const [one, other] = [reader.profile(a, from, to), reader.profile(b, from, to)];
      return { a, b, import: compared(one, other, 0), export: compared(one, other, 1) };
    });
    if (options.json === true) return say(JSON.stringify({ schema: "esme/compare/1", pairs: told.map(asJson) }));
    for (const { a, b, ...both } of told) {
      say(`${b} against ${a}`);
      const rows = both.import.pairs.map((pair, k) => row(pair, both.export.pairs[k]));
      const head = ["half hour ending", `import ${a}`, b, "off by", "%", `export ${a}`, b, "off by", "%", ""];
      say(table(head, rows));
      for (const quantity of QUANTITIES) say(`${quantity}: ${inWords(both[quantity])}`);
    }
  });
}

/** The two that were named, or each check with the source beside which it stands. */
function pairsOf(reader: LedgerReader, a: string | undefined, b: string | undefined) {
  const ledgers = reader.ledgers();
  const named = (name: string) => {
    if (!ledgers.some((one) => one.name === name))
      refuse({
        code: "no-such-source",
        reason: `this house has no source called ${name}`,
        next: `its sources: ${ledgers.map((one) => one.name).join(", ")}`,
      });
    return name;
  };
  if (a !== undefined && a === b) usedWrongly(`${a} is compared with itself`, "name two different sources");
  if (a !== undefined && b !== undefined) return [{ a: named(a), b: named(b) }];
  const checks = ledgers.flatMap(({ name, checkOf }) => (checkOf === undefined ? [] : [{ a: checkOf, b: name }]));
  const meant = a === undefined ? checks : checks.filter((pair) => pair.a === named(a) || pair.b === a);
  if (meant.length === 0)
    refuse({
      code: "nothing-to-compare",
      reason: a === undefined ? "this house has no check beside another source" : `nothing stands beside ${a}`,
      next: "name two sources, `esme compare A B`, or give one the role check in esme.yaml",
    });
  return meant;
}

function row(imported: Pair, exported: Pair | undefined): readonly string[] {
  const cell = (wh: number | null) => (wh === null ? "-" : String(wh));
  const four = (pair: Pair | undefined) => {
    const [a, b] = [pair?.a_wh ?? null, pair?.b_wh ?? null];
    if (a === null || b === null) return [cell(a), cell(b), "-", "-"];
    return [cell(a), cell(b), signed(b - a, 0), a === 0 ? "-" : signed((100 * (b - a)) / a, 1)];
  };
  return [rfc3339(imported.end), ...four(imported), ...four(exported), imported.flagged ? "flagged" : ""];
}

function inWords({ counted, a_wh, b_wh, difference_percent, trend }: Comparison): string {
  if (counted === 0) return "no half hour that both have told of without a flag";
  const off = difference_percent === null ? "" : `, ${signed(difference_percent, 2)} %`;
  const drift =
    trend === null
      ? "no trend to speak of"
      : `trend ${signed(trend.percentIn30Days, 2)} % in thirty days (± ${trend.standardError.toFixed(2)})`;
  return `${counted} half hours, ${a_wh} Wh against ${b_wh} Wh${off}; ${drift}`;
}

function signed(value: number, digits: number): string {
  return `${value > 0 ? "+" : ""}${value.toFixed(digits)}`;
}

function asJson(told: {
  readonly a: string;
  readonly b: string;
  readonly import: Comparison;
  readonly export: Comparison;
}) {
  const of = ({ pairs, counted, a_wh, b_wh, difference_percent, trend }: Comparison) => ({
    half_hours: pairs.map((pair) => ({ ...pair, end: rfc3339(pair.end) })),
    counted,
    a_wh,
    b_wh,
    difference_percent,
    trend: trend && { percent_in_30_days: trend.percentIn30Days, standard_error: trend.standardError },
  });
  return { a: told.a, b: told.b, import: of(told.import), export: of(told.export) };
}
