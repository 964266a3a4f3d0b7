// What a meter that starts again makes of what its store holds.

import { expect, test } from "vitest";
import { newEsme } from "../../host/ledger/esme.js";
import type { Count, Reading } from "../../host/ledger/events.js";
import { registers_wh } from "../../host/ledger/ledger.js";
import { turnEsme } from "../../host/ledger/turn-esme.js";
import { cumulativeFromWh } from "../../host/ledger/units.js";
import { esmeOf } from "../../host/meter/kept.js";
import { june, reading } from "../ledger/helpers.js";

/** Both elements count alike. */
function twin(at: string, wh: number): Reading {
  const secondary: Count = {
    name: "secondary",
    counters: [cumulativeFromWh(wh), cumulativeFromWh(0), null, null],
    base: null,
  };
  return { ...reading(june(at), wh), beside: [secondary] };
}

test("a larger fuse holds for the secondary element too: what it passes is believed", () => {
  const small = newEsme(1, { fuse_w: 6_000, patience_ms: 1_800_000 });
  const before = turnEsme(small, twin("12:00:00", 0)).esme;
  const config = { fuse_w: 60_000, patience_ms: 1_800_000 };
  const again = esmeOf({ ...before.ledger, config }, before, 1);
  const after = turnEsme(again, twin("12:01:00", 400)).esme;
  expect(registers_wh(after.ledger)[0]).toBe(400);
  expect(after.beside.map(({ ledger }) => registers_wh(ledger)[0])).toEqual([400]);
});
