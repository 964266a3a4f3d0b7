// What follows from the boundaries of a house, and what cannot be true of them.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BoundaryHalfHour, derived } from "../../host/ledger/house/derived.js";
import { doubtful, inFull, toldIn } from "../../host/ledger/house/watch.js";
import { Utc_ms } from "../../host/ledger/units.js";

const NOON = Utc_ms(Date.parse("2026-06-01T12:00:00Z"));
const MIDNIGHT = Utc_ms(Date.parse("2026-06-01T00:00:00Z"));

function source(
  role: BoundaryHalfHour["role"],
  import_wh: number | null,
  export_wh = 0,
  name: string = role,
): BoundaryHalfHour {
  return {
    role,
    name,
    entry: import_wh === null ? null : { end: NOON, wh: [import_wh, export_wh, null, null], flags: [] },
  };
}

describe("derived boundaries", () => {
  it("a sunny half hour: 900 Wh generated, 500 exported, 50 imported: 400 used at once, 450 in all", () => {
    expect(derived([source("grid", 50, 500), source("generation", 900), source("load", 300)])).toEqual({
      generation_wh: 900,
      selfConsumption_wh: 400,
      consumption_wh: 450,
      closure_wh: 0,
      within_wh: 6,
    });
  });

  it("an inverter asleep takes energy: it is consumption, and no self-consumption below what it took", () => {
    expect(derived([source("grid", 103), source("generation", 0, 3)])).toMatchObject({
      generation_wh: -3,
      consumption_wh: 100,
      closure_wh: 3,
    });
  });

  it("what is not known is null, not zero", () => {
    const unknown = { selfConsumption_wh: null, consumption_wh: null, closure_wh: null };
    expect(derived([source("grid", 50, 500), source("generation", null)])).toMatchObject(unknown);
    expect(derived([source("grid", null), source("generation", 900)])).toMatchObject(unknown);
    // Without a generation source there is no self-consumption to speak of, and the grid's import is what was used.
    expect(derived([source("grid", 50)])).toMatchObject({
      selfConsumption_wh: null,
      consumption_wh: 50,
      closure_wh: 0,
    });
  });

  it("a house that exports what nothing measures: how much it used nobody knows, and it is not less than nothing", () => {
    expect(derived([source("grid", 50, 500)])).toMatchObject({ consumption_wh: null, closure_wh: 0 });
  });

  it("what a battery did not tell is needed by consumption alone, and what the grid did not tell not by generation", () => {
    expect(derived([source("grid", 50, 500), source("generation", 900, 4), source("battery", null)])).toMatchObject({
      generation_wh: 896,
      selfConsumption_wh: 396,
      consumption_wh: null,
      closure_wh: null,
    });
    expect(derived([source("grid", null), source("generation", 900)])).toMatchObject({
      generation_wh: 900,
      selfConsumption_wh: null,
      consumption_wh: null,
    });
  });

  it("a load that is not known leaves consumption known, and how well it closes unknown", () => {
    expect(derived([source("grid", 50, 0), source("generation", 0), source("load", null)])).toMatchObject({
      consumption_wh: 50,
      closure_wh: null,
    });
  });

  it("law: whatever a house really used, its boundaries give it back exactly, and they close", () => {
    const wh = fc.integer({ min: 0, max: 20_000 });
    fc.assert(
      fc.property(wh, wh, wh, wh, (used, generated, charged, discharged) => {
        const net = used + charged - discharged - generated;
        const sources = [
          source("grid", Math.max(0, net), Math.max(0, -net)),
          source("generation", generated),
          source("battery", charged, discharged),
          source("load", used),
        ];
        const { consumption_wh, closure_wh } = derived(sources);
        expect(consumption_wh).toBe(used);
        expect(closure_wh).toBe(0);
      }),
    );
  });
});

describe("the standing watch", () => {
  const kinds = (end: Utc_ms, ...sources: BoundaryHalfHour[]) => doubtful(end, sources).map(({ kind }) => kind);

  it("says nothing of an ordinary day, nor of noise", () => {
    expect(kinds(NOON, source("grid", 50, 500), source("generation", 900), source("load", 300))).toEqual([]);
    expect(kinds(MIDNIGHT, source("grid", 150, 3), source("generation", 0, 3), source("load", 80))).toEqual([]);
    expect(kinds(NOON, source("grid", null), source("generation", null))).toEqual([]);
  });

  it("export at night without a battery: a clamp turned round", () => {
    expect(kinds(MIDNIGHT, source("grid", 0, 200), source("generation", 0))).toContain("night-export");
    expect(kinds(MIDNIGHT, source("grid", 0, 200), source("generation", 0), source("battery", 0, 300))).toEqual([]);
    // A generator that runs at night is no fault.
    expect(kinds(MIDNIGHT, source("grid", 0, 200), source("generation", 400))).toEqual([]);
    // Nor is one of which all is exported, and the meter at the grid reads a per cent more.
    expect(kinds(MIDNIGHT, source("grid", 0, 1_010), source("generation", 1_000))).toEqual([]);
    expect(kinds(MIDNIGHT, source("grid", 0, 25), source("generation", 0))).toContain("night-export");
  });

  it.each([
    ["2026-06-21T22:30:00Z", false],
    ["2026-06-21T23:00:00Z", false],
    ["2026-06-21T23:30:00Z", true],
    ["2026-06-22T02:00:00Z", true],
    ["2026-06-22T02:30:00Z", false],
  ])("the half hour that ends at %s is dark everywhere: %s", (end, dark) => {
    expect(kinds(Utc_ms(Date.parse(end)), source("grid", 0, 200))).toEqual(dark ? ["night-export"] : []);
  });

  const flagged = (one: BoundaryHalfHour): BoundaryHalfHour => ({
    ...one,
    entry: one.entry && { ...one.entry, flags: ["partial"] },
  });

  it("a half hour that one of them saw in part proves nothing", () => {
    expect(kinds(NOON, source("grid", 0, 800), flagged(source("generation", 500)))).toEqual([]);
    expect(kinds(MIDNIGHT, source("grid", 0, 800), flagged(source("generation", 500)))).toEqual([]);
    expect(kinds(MIDNIGHT, flagged(source("grid", 0, 800)), source("generation", 0))).toEqual([]);
    expect(kinds(NOON, source("grid", 100), source("generation", 0), flagged(source("load", 500)))).toEqual([]);
    // An inverter that sleeps at night does not answer: that excuses no export.
    expect(kinds(MIDNIGHT, source("grid", 0, 800), source("generation", null))).toEqual(["night-export"]);
  });

  it("a load that feeds back what another took is no more used than their sum", () => {
    const loads = [source("load", 900, 0, "kitchen"), source("load", 0, 600, "balcony")];
    expect(kinds(NOON, source("grid", 300), source("generation", 0), ...loads)).toEqual([]);
  });

  it("tells kind and half hour so that they can be read again", () => {
    const [doubt] = doubtful(MIDNIGHT, [source("grid", 0, 200)]);
    expect(doubt && toldIn(inFull(MIDNIGHT, doubt))).toEqual({ kind: "night-export", end: MIDNIGHT });
    expect(toldIn("kitchen in the half hour to noon: nothing")).toBeNull();
  });

  it("a generation clamp turned round tells itself twice over", () => {
    expect(kinds(NOON, source("grid", 50, 500), source("generation", 0, 900))).toEqual([
      "negative-generation",
      "over-export",
    ]);
  });

  it("a grid clamp turned round on a sunny day: loads that the house cannot have had", () => {
    // Truly 500 Wh were exported of 900; turned round they read as import, and consumption as 1,400.
    expect(kinds(NOON, source("grid", 500, 50), source("generation", 900), source("load", 300))).toEqual([]);
    // In the dark it is seen at once.
    expect(kinds(MIDNIGHT, source("grid", 0, 300), source("generation", 0), source("load", 200))).toEqual([
      "night-export",
      "over-export",
      "under-consumption",
    ]);
  });
});
