// What `esme read registers` shows while the clock is Invalid: the registers go on, and what cannot be placed is unallocated.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openReader } from "../../host/adapters/store/house-reader.js";
import { openStore } from "../../host/adapters/store/house-store.js";
import { newEsme } from "../../host/ledger/esme.js";
import { turnEsme } from "../../host/ledger/turn-esme.js";
import { Board_ms, cumulativeFromWh, MicroWattHours } from "../../host/ledger/units.js";
import { june } from "../ledger/helpers.js";

const folder = mkdtempSync(join(tmpdir(), "esme-held-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("the stored registers show what is held, as unallocated", () => {
  const path = join(folder, "meter.sqlite");
  const opened = openStore(path);
  if (!opened.ok) throw new Error(opened.reason);
  const held = (board_ms: number, wh: number) =>
    ({
      kind: "unplaced",
      board: Board_ms(board_ms),
      device: "d",
      boot: 1,
      counters: [cumulativeFromWh(wh), MicroWattHours(0), null, null],
      base: null,
      span: null,
    }) as const;
  let esme = newEsme(1);
  for (const event of [
    { kind: "judged", at: june("12:00:00"), status: "invalid", why: "1970" } as const,
    held(0, 100),
    held(60_000, 150),
    held(120_000, 175),
  ])
    esme = turnEsme(esme, event).esme;
  const ledgers = [{ name: "grid", role: "grid" as const, ledger: esme.ledger, esme, notices: [] }];
  expect(opened.store.commit({ ledgers, outbox: [] }).ok).toBe(true);
  opened.store.close();
  const reading = openReader(path);
  if (!reading.ok) throw new Error(reading.reason);
  const shown = reading.reader.registers("grid");
  reading.reader.close();
  expect(shown?.register_wh[0]).toBe(75);
  expect(shown?.unallocated_wh[0]).toBe(75);
});
