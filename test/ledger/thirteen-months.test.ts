// A story: a meter that is read at each half hour for thirteen months, and for one half hour more.

import { expect, test } from "vitest";
import { type Esme, newEsme } from "../../host/ledger/esme.js";
import type { Notice } from "../../host/ledger/events.js";
import { registers_wh } from "../../host/ledger/ledger.js";
import { kept } from "../../host/ledger/profile.js";
import { turnEsme } from "../../host/ledger/turn-esme.js";
import { HALF_HOUR_ms, Utc_ms } from "../../host/ledger/units.js";
import { reading, unexplained_wh, utc } from "./helpers.js";

const START = utc("2026-01-01T00:00:00Z");
/** 397 days of 48. */
const DEPTH = 19_056;

/** Import of 300 Wh in the first half hour, 301 in the second ... 999 in the 700th, then 300 again; export of 100 Wh in each. */
const import_wh = (k: number) => 300 + ((k - 1) % 700);

function story(halfHours: number): { readonly esme: Esme; readonly notices: readonly Notice[] } {
  let esme = turnEsme(newEsme(1), reading(START, 0)).esme;
  let notices: readonly Notice[] = [];
  let total_wh = 0;
  for (let k = 1; k <= halfHours; k++) {
    total_wh += import_wh(k);
    ({ esme, notices } = turnEsme(esme, reading(Utc_ms(START + k * HALF_HOUR_ms), total_wh, 100 * k)));
  }
  return { esme, notices };
}

/** The log's ends and its account, as a person would write them down. */
function told({ ledger }: Esme): string[] {
  const entries = [...kept(ledger.profile)];
  const line = (entry: (typeof entries)[number] | undefined) =>
    `${new Date(entry?.end ?? 0).toISOString().slice(0, 16)}  import ${entry?.wh[0]}  export ${entry?.wh[1]}`;
  const sum = (q: 0 | 1) => entries.reduce((all, entry) => all + (entry.wh[q] ?? 0), 0);
  const [dropped, register] = [ledger.profile.dropped_wh, registers_wh(ledger)];
  return [
    `entries   ${entries.length}`,
    `oldest    ${line(entries[0])}`,
    `newest    ${line(entries.at(-1))}`,
    `in log    import ${sum(0)}  export ${sum(1)}`,
    `dropped   import ${dropped[0]}  export ${dropped[1]}`,
    `register  import ${register[0]}  export ${register[1]}`,
  ];
}

test("thirteen months of import fill the log to its last place: nothing of it has gone", () => {
  const { esme } = story(DEPTH);
  expect(told(esme)).toEqual([
    "entries   19056",
    "oldest    2026-01-01T00:30  import 300  export null",
    "newest    2027-02-02T00:00  import 455  export 100",
    "in log    import 12334440  export 446400",
    "dropped   import 0  export 1459200",
    "register  import 12334440  export 1905600",
  ]);
});

test("thirteen months and one half hour: the oldest goes, dropped accounts for it, and the law is exact", () => {
  const { esme, notices } = story(DEPTH + 1);
  expect(told(esme)).toEqual([
    "entries   19056",
    "oldest    2026-01-01T01:00  import 301  export null",
    "newest    2027-02-02T00:30  import 456  export 100",
    "in log    import 12334596  export 446400",
    "dropped   import 300  export 1459300",
    "register  import 12334896  export 1905700",
  ]);
  expect(unexplained_wh(esme.ledger)).toEqual([0, 0, 0, 0]);
  // What has gone is told, so that a store forgets it too.
  expect(notices.flatMap((notice) => (notice.kind === "aged" ? [notice.aged] : []))).toEqual([
    { end: utc("2026-01-01T00:30:00Z"), quantities: [true, false, false, false] },
    { end: utc("2026-11-01T00:30:00Z"), quantities: [false, true, true, true] },
  ]);
});
