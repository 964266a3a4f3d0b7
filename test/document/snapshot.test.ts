// The meter as a document: exact both ways, and refused whole where a hand has broken it.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { snapshot } from "../../host/document/declaration.js";
import { refusalOf } from "../../host/document/restore.js";
import { documentOf, esmeOf } from "../../host/document/snapshot.js";
import { type Esme, newEsme } from "../../host/ledger/esme.js";
import type { Reading } from "../../host/ledger/events.js";
import { entriesOf, type Log } from "../../host/ledger/log.js";
import { esmeLive, esmeState } from "../../host/ledger/state/state.js";
import { turnEsme } from "../../host/ledger/turn-esme.js";
import { MicroWattHours, Utc_ms } from "../../host/ledger/units.js";
import { START, worth } from "../store/houses.js";
import { documents } from "./arbitrary.js";
import { asDocument, lived, META, NIGHT_RATE } from "./histories.js";

/** The value of a JSON text, as somebody's editor would leave it. */
const written = (esme: Esme) => JSON.parse(JSON.stringify(asDocument(esme)));

function restored(document: unknown): Esme {
  const result = esmeOf(document);
  if ("rule" in result) throw new Error(`${result.place}: ${result.rule}`);
  return result;
}

/** Everything an ESME is worth, without how its logs are paged, and without the other counts that its last reading came with. */
function worthOf(esme: Esme) {
  const unpaged = (part: unknown): unknown => {
    if (typeof part !== "object" || part === null) return part;
    if ("pages" in part) return { entries: entriesOf(part as Log<unknown>), written: (part as Log<unknown>).written };
    if (Array.isArray(part)) return part.map(unpaged);
    return Object.fromEntries(Object.entries(part).map(([key, one]) => [key, unpaged(one)]));
  };
  const ledgers = [esme.ledger, ...esme.beside.map((one) => one.ledger)].map((ledger) => {
    const { last, doubt, ...rest } = worth(ledger);
    return { ...rest, last: last && { ...last, beside: null }, doubt: doubt && { ...doubt, beside: null } };
  });
  return { ledgers, state: unpaged(esme.state), live: unpaged(esme.live), until: esme.until };
}

describe("a snapshot", () => {
  it("of a meter after any history gives the same meter again, and the same snapshot", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99_999 }), fc.integer({ min: 0, max: 150 }), (seed, length) => {
        const esme = lived(seed, length);
        const again = restored(written(esme));
        expect(worthOf(again)).toEqual(worthOf(esme));
        expect(asDocument(again)).toEqual(asDocument(esme));
      }),
      { numRuns: 60 },
    );
  });

  it("says what any section can hold, and reads it back exactly", () => {
    fc.assert(
      fc.property(documents(esmeState), documents(esmeLive), (state, live) => {
        const esme = {
          ...newEsme(1),
          state: z.decode(esmeState, state as never),
          live: z.decode(esmeLive, live as never),
        };
        const document = written(esme);
        expect(document).toMatchObject(state as object);
        expect(document).toMatchObject(live as object);
        expect(z.encode(snapshot, z.decode(snapshot, document))).toEqual(document);
      }),
      { numRuns: 60 },
    );
  });

  it("names the registers and half hours as SMETS does", () => {
    const document = asDocument(lived(4, 200));
    expect(document.activeImportRegister.value).toBeGreaterThan(0);
    const { logEntries } = document.profileDataLogActiveEnergyImportedInPeriod;
    expect(logEntries[0]).toEqual({
      timestamp: expect.stringMatching(/^2026-06-0.*(00|30):00Z$/),
      primaryValue: expect.any(Number),
    });
    expect(Object.keys(document.profileDataLogExport.logEntries[0] ?? {})).toEqual([
      "timestamp",
      "activeEnergyExportedValue",
      "reactiveEnergyExportedValue",
    ]);
    expect(document).toMatchObject({ schema: "esme/snapshot/1", meter: "esme-00000001", source: "grid" });
  });

  it("of a meter that has never read is a meter that has never read", () => {
    expect(worthOf(restored(written(newEsme(77))))).toEqual(worthOf(newEsme(77)));
  });

  it("restored goes on as the meter would have", () => {
    const esme = lived(8, 120);
    const at = Utc_ms((esme.ledger.last?.at ?? START) + 3_000_000);
    const counters = (esme.ledger.last?.counters ?? []).map((c) => (c === null ? null : c + 2_000_000));
    const reading = { ...esme.ledger.last, at, counters } as unknown as Reading;
    expect(asDocument(turnEsme(restored(written(esme)), reading).esme)).toEqual(
      asDocument(turnEsme(esme, reading).esme),
    );
  });
});

describe("a snapshot edited by hand", () => {
  const edited = (edit: (document: ReturnType<typeof written>) => void, esme = lived(4, 200)) => {
    const document = written(esme);
    edit(document);
    return esmeOf(document);
  };

  it.each<[string, (d: ReturnType<typeof written>) => void, string, RegExp]>([
    ["an unknown section", (d) => (d.colour = "red"), "colour", /nothing of that name/],
    ["an unknown field", (d) => (d.netting.colour = 1), "netting.colour", /nothing of that name/],
    ["a missing section", (d) => delete d.netting, "netting", /missing/],
    ["a text for a number", (d) => (d.loadLimitCounter.value = "3"), "loadLimitCounter.value", /expected number/],
    [
      "a threshold below zero",
      (d) => (d.rmsVoltageSagThreshold.threshold = -1),
      "rmsVoltageSagThreshold.threshold",
      />=0/,
    ],
    ["a register beyond 32 bits", (d) => (d.activeExportRegister.value = 2 ** 32), "activeExportRegister.value", /<=/],
    [
      "a register that nothing explains",
      (d) => d.activeExportRegister.value++,
      "activeExportRegister.value",
      /sum of the half hours/,
    ],
    [
      "a half hour with more than flowed",
      (d) => d.profileDataLogActiveEnergyImportedInPeriod.logEntries[2].primaryValue++,
      "activeImportRegister.value",
      /sum of the half hours/,
    ],
    [
      "half hours out of order",
      (d) => d.profileDataLogActiveEnergyImportedInPeriod.logEntries.reverse(),
      "profileDataLogActiveEnergyImportedInPeriod.logEntries[1].timestamp",
      /ascend/,
    ],
    [
      "a half hour that ends at no half hour",
      (d) => (d.profileDataLogActiveEnergyImportedInPeriod.logEntries[0].timestamp = "2026-06-01T00:29:00Z"),
      "profileDataLogActiveEnergyImportedInPeriod.logEntries[0].timestamp",
      /minute 00 or 30/,
    ],
    [
      "a half hour that is in one log only",
      (d) => d.profileDataLogExport.logEntries.pop(),
      "profileDataLogExport.logEntries",
      /newest/,
    ],
    [
      "a flag of a half hour that is none",
      (d) => d.ledgerAccount.flags.push({ timestamp: "2031-01-01T00:00:00Z", flags: ["clock"] }),
      "ledgerAccount.flags[",
      /no such half hour/,
    ],
    ["a log deeper than the meter's", (d) => (d.eventLog.logEntries = deep(101)), "eventLog.logEntries", /<=100/],
    [
      "a log with more entries than were written",
      (d) => (d.eventLog = { logEntries: deep(3), written: 2 }),
      "eventLog.written",
      /at least 3/,
    ],
    [
      "a phase's log with more entries than were written",
      (d) => {
        d.averageRMSVoltageProfileDataLog[1] = {
          logEntries: [{ timestamp: "2026-06-01T00:30:00Z", value: 2_300 }],
          written: 0,
        };
      },
      "averageRMSVoltageProfileDataLog[1].written",
      /at least 1/,
    ],
    [
      "a time that is none",
      (d) => (d.ledgerAccount.lastReading.at = "yesterday"),
      "ledgerAccount.lastReading.at",
      /ISO/,
    ],
    [
      "a boundary of long ago",
      (d) => (d.esmeAccount.nextBoundaryAt = "1970-01-01T00:00:00Z"),
      "esmeAccount.nextBoundaryAt",
      /day/,
    ],
    ["no boundary", (d) => (d.esmeAccount.nextBoundaryAt = null), "esmeAccount.nextBoundaryAt", /first reading on/],
    [
      "an open half hour that is closed",
      (d) => (d.ledgerAccount.openHalfHour.end = "2026-06-01T00:30:00Z"),
      "ledgerAccount.openHalfHour.end",
      /after/,
    ],
    [
      "half a reactive counter",
      (d) => (d.ledgerAccount.lastReading.counters.reactiveImport = 7),
      "ledgerAccount.lastReading.counters",
      /both or neither/,
    ],
  ])("is refused whole for %s, with the place and the rule", (_, edit, place, rule) => {
    const result = edited(edit);
    expect(result).toMatchObject({ place: expect.stringContaining(place), rule: expect.stringMatching(rule) });
  });

  it.each<[string, (d: ReturnType<typeof written>) => void, string]>([
    [
      "an unknown day in the switching table",
      (d) => {
        d.tariffSwitchingTable.valueCurrent = { ...NIGHT_RATE, dayIdentifiers: [] };
      },
      "tariffSwitchingTable",
    ],
    [
      "a planned switching table with an unknown season's week",
      (d) => {
        d.tariffSwitchingTable.valueNext = { ...NIGHT_RATE, weeks: [] };
        d.tariffSwitchingTable.activateNextDateTime = "2031-01-01T00:00:00Z";
      },
      "tariffSwitchingTable",
    ],
    [
      "49 switches in a day",
      (d) => {
        const times = Array(49).fill(NIGHT_RATE.dayIdentifiers[0]?.times[0]);
        d.tariffSwitchingTable.valueCurrent = { ...NIGHT_RATE, dayIdentifiers: [{ dayIdentifier: 1, times }] };
      },
      "tariffSwitchingTable.valueCurrent.dayIdentifiers[0].times",
    ],
    [
      "an under-voltage threshold above the over-voltage one",
      (d) => {
        d.averageRMSUnderVoltageThreshold.value[1] = 2_700;
      },
      "averageRMSUnderVoltageThreshold.value[1]",
    ],
    [
      "days that do not make the register",
      (d) => {
        d.recordsAccount.daysUnallocatedWh++;
      },
      "recordsAccount.day.markWh",
    ],
  ])("is refused whole for %s, by the meter's own rules", (_, edit, place) => {
    expect(edited(edit)).toMatchObject({ place: expect.stringContaining(place), rule: expect.any(String) });
  });

  it("is refused for a tariff register that the total does not explain", () => {
    const result = edited((d) => d.tariffTOURegisterCollection.touPrimaryRegister[4]++);
    expect(result).toMatchObject({ place: "tariffTOURegisterCollection.touPrimaryRegister" });
  });

  it("is refused for what is no object at all", () => {
    for (const document of [null, 7, "meter", [], {}]) expect(esmeOf(document)).toMatchObject({ place: "schema" });
  });

  it("is never half read: any one value changed gives a refusal or a meter that obeys every law", () => {
    const document = written(lived(4, 60));
    const leaves = [...leavesOf(document)];
    fc.assert(
      fc.property(fc.nat(leaves.length - 1), fc.jsonValue(), (at, value) => {
        const edited = structuredClone(document);
        const path = leaves[at] ?? [];
        const parent = path.slice(0, -1).reduce((part, step) => part[step], edited);
        parent[path.at(-1) ?? ""] = value;
        const changed = JSON.parse(JSON.stringify(edited));
        const result = esmeOf(changed);
        if (!("rule" in result))
          expect(JSON.parse(JSON.stringify(documentOf(result, { ...META, ...heading(changed) })))).toEqual(changed);
      }),
      { numRuns: 300 },
    );
  });
});

describe("a restore", () => {
  const older = lived(4, 100);
  const newer = lived(4, 200);

  it("onto the meter that the snapshot was taken of, or onto a new one, is allowed", () => {
    expect(refusalOf(written(newer), newer)).toBeNull();
    expect(refusalOf(written(newer), older)).toBeNull();
    expect(refusalOf(written(newer), newEsme(3))).toBeNull();
    expect(refusalOf(written(newer), null)).toBeNull();
  });

  it("onto a newer meter is refused: by its last reading, by its registers", () => {
    expect(refusalOf(written(older), newer)).toMatchObject({
      code: "snapshot-older",
      reason: expect.stringContaining("newer meter"),
    });
    expect(refusalOf(written(newEsme(3)), newer)).toMatchObject({ code: "snapshot-older" });
    const { ledger } = newer;
    const [a, b, c, d] = ledger.cumulative;
    const more = { ...newer, ledger: { ...ledger, cumulative: [MicroWattHours(a + 1_000_000), b, c, d] as const } };
    expect(refusalOf(written(newer), more)).toMatchObject({
      code: "snapshot-older",
      reason: expect.stringContaining("active import"),
    });
  });

  it("of another version is refused by its name", () => {
    const reason = "the snapshot is of esme/snapshot/2; this program reads esme/snapshot/1";
    expect(refusalOf({ ...written(newer), schema: "esme/snapshot/2" }, null)).toEqual({
      code: "snapshot-version",
      reason,
    });
  });

  it("of an edited one is refused with the place and the rule", () => {
    const document = written(newer);
    document.activeImportRegister.value += 5;
    expect(refusalOf(document, null)).toMatchObject({
      code: "snapshot-broken",
      reason: expect.stringMatching(/^activeImportRegister.value: it is the sum/),
    });
  });
});

function deep(entries: number) {
  return Array.from({ length: entries }, () => ({
    timestamp: "2026-06-01T00:00:00Z",
    logCode: 1,
    otherInformation: "",
    text: "",
  }));
}

function heading({ at, meter, source }: { at: string; meter: string; source: string }) {
  return { at: Utc_ms(Date.parse(at)), meter, source };
}

function* leavesOf(part: unknown, path: readonly (string | number)[] = []): Generator<readonly (string | number)[]> {
  if (typeof part !== "object" || part === null) return yield path;
  for (const [key, one] of Object.entries(part)) yield* leavesOf(one, [...path, key]);
}
