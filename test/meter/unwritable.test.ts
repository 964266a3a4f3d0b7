// A disk that takes nothing for a while: what is asked of the meter meanwhile is told as not kept, holds all the same, and is kept later.

import { expect, test } from "vitest";
import { registers_wh } from "../../host/ledger/ledger.js";
import { turnEsme } from "../../host/ledger/turn-esme.js";
import { Workbench } from "../proof/workbench.js";

function bench(): Workbench {
  const scenario = { kind: "steady" as const, clamps: [{}, {}, {}] as [object, object, object] };
  return new Workbench({ board: { fidelity: "fast", scenario, frontEnd: { like: "ideal" } } }).arrive().run(60);
}

test("a command is told as not kept, asking again does no harm, and with the disk both are kept", () => {
  const one = bench();
  one.store.crashed = true;
  const set = { kind: "set-registers", import_wh: 5_000, export_wh: 7 } as const;
  const first = one.meter?.command("operator", set);
  expect(first?.code).toBe("store-unwritable");
  expect(registers_wh(one.ledger())[0]).toBe(5_000);
  expect(one.meter?.command("operator", set)?.code).toBe("store-unwritable");
  one.store.crashed = false;
  expect(one.meter?.command("operator", set)).toBe(null);
  const kept = one.store.load().find(({ name }) => name === "grid");
  expect(kept && registers_wh(kept.ledger).slice(0, 2)).toEqual([5_000, 7]);
  expect(kept?.esme?.state.securityLog.size).toBe(1);
});

test("a restore that could not be written is written with the next second, though nothing else happens", () => {
  const one = bench();
  const esme = one.meter?.view().ledgers.get("grid")?.esme;
  if (esme == null) throw new Error("the grid has no ESME");
  const at = one.clock.utc();
  const deed = { kind: "set-registers", import_wh: 9_000, export_wh: 0 } as const;
  const restored = turnEsme(esme, { kind: "command", at, by: "operator", deed }).esme;
  one.line = () => new Uint8Array(0);
  one.run(30);
  one.store.crashed = true;
  expect(one.meter?.restore(restored).ok).toBe(false);
  one.store.crashed = false;
  one.run(30);
  const kept = one.store.load().find(({ name }) => name === "grid");
  expect(kept && registers_wh(kept.ledger)[0]).toBe(9_000);
});
