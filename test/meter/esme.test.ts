// The ESME at work on a simulated board: three clamps as three phases, two as twin elements, the supply as the board measures it.

import { describe, expect, test } from "vitest";
import { registers_wh } from "../../host/ledger/ledger.js";
import { entriesOf } from "../../host/ledger/log.js";
import { kept } from "../../host/ledger/profile.js";
import type { Feed } from "../../host/meter/gathering.js";
import { unexplained_wh } from "../ledger/helpers.js";
import { Workbench } from "../proof/workbench.js";

const HOUR_s = 3_600;
type Clamps = [object, object, object];

function bench(feed: Partial<Feed>, clamps: Clamps): Workbench {
  const scenario = { kind: "steady" as const, clamps };
  const feeds: Feed[] = [{ name: "grid", role: "grid", channel: 4, ...feed }];
  return new Workbench({ board: { fidelity: "fast", scenario, frontEnd: { like: "ideal" } }, feeds });
}

const PHASES = { phases: [1, 2, 3], rule: "net" } as const;
const IMBALANCE: Clamps = [{ amps: 21.739 }, { amps: 13.043, export: true }, { amps: 21.739 }];

describe("three clamps of one board", () => {
  test("are a polyphase meter: +5, -3, +5 kW for an hour, netted by the board's window and otherwise, at once", () => {
    const one = bench(PHASES, IMBALANCE)
      .arrive()
      .run(HOUR_s + 10);
    const { ledger, beside } = one.esme();
    const kwh = (of: typeof ledger) =>
      registers_wh(of)
        .slice(0, 2)
        .map((wh) => Math.round(wh / 100) / 10);
    expect(kwh(ledger)).toEqual([7, 0]);
    expect(Object.fromEntries(beside.map(({ name, ledger }) => [name, kwh(ledger)]))).toEqual({
      "per-phase": [10, 3],
      absolute: [13, 0],
    });
    for (const one of [ledger, ...beside.map((each) => each.ledger)]) expect(unexplained_wh(one)).toEqual([0, 0, 0, 0]);
  });

  test("go on after the host was away, with the half hours that the board remembers, under every rule", async () => {
    const one = bench(PHASES, IMBALANCE).arrive().run(600);
    await one.leave();
    one.run(5 * HOUR_s);
    one.arrive().run(120);
    for (const ledger of [one.esme().ledger, ...one.esme().beside.map((each) => each.ledger)]) {
      expect([...kept(ledger.profile)].filter((entry) => entry.flags.length === 0).length).toBeGreaterThanOrEqual(9);
      expect(ledger.unallocated_wh[0]).toBe(0);
    }
  });
});

test("a second clamp is the secondary element of a twin-element meter", () => {
  const one = bench({ channel: 1, secondary: 2 }, [{ amps: 10 }, { amps: 4 }, {}])
    .arrive()
    .run(HOUR_s + 10);
  const { ledger, beside } = one.esme();
  expect(Math.round((registers_wh(ledger)[0] ?? 0) / 100)).toBe(23);
  expect(beside.map(({ name, ledger }) => [name, Math.round((registers_wh(ledger)[0] ?? 0) / 100)])).toEqual([
    ["secondary", 9],
  ]);
});

test("the board's voltage and power are the meter's: an average each half hour, W of import now", () => {
  const one = bench({ channel: 1 }, [{ amps: 10 }, {}, {}])
    .arrive()
    .run(2 * HOUR_s);
  const { state, live } = one.esme();
  const [first] = state.averageRMSVoltageProfileDataLog;
  expect(entriesOf(first).length).toBeGreaterThanOrEqual(3);
  for (const { value } of entriesOf(first)) expect(Math.abs(value - 2_300)).toBeLessThan(20);
  expect(Math.abs((live.powerImportCollection.activePowerImport ?? 0) - 2_300)).toBeLessThan(30);
  expect(live.powerImportCollection.voltages.slice(1)).toEqual([null, null]);
});
