// What a scan finds on healthy buses: every model by its name or among its likes, wherever it stands and however fast it speaks; and that
// it only reads, within its limits.

import { describe, expect, test } from "vitest";
import { MODELS } from "../../../host/adapters/modbus/catalogue.js";
import { diagnose } from "../../../host/adapters/modbus/diagnosis.js";
import { likelyAddresses, settingsOf } from "../../../host/app/finding/settings.js";
import { scanned } from "./bus-bench.js";

const names = (meters: Awaited<ReturnType<typeof scanned>>["meters"]) =>
  meters.map(({ unit, named }) => [unit, named.kind, named.models[0]?.model]);

describe("a healthy bus", () => {
  test.each([...MODELS.keys()])("with a %s: it is named, or among those that it is like", async (model) => {
    const speed = MODELS.get(model)?.bus.speeds[0] ?? 9_600;
    const { meters, evidence, setting } = await scanned({ meters: [{ model, address: 1 }], bus: { speed } });
    expect(meters.map(({ unit }) => unit)).toEqual([1]);
    expect(meters[0]?.named.models.map((one) => one.model)).toContain(model);
    expect(setting?.baud).toBe(speed);
    expect(diagnose(evidence)).toEqual([]);
  });

  test("what has no marks is only like a model, and models with one map are told as two", async () => {
    const { meters } = await scanned({ meters: [{ model: "pzem-016", address: 1 }] });
    expect(meters[0]?.named).toMatchObject({ kind: "like" });
    expect(meters[0]?.named.models.map(({ model }) => model).sort()).toEqual(["pzem-004t-v3", "pzem-016"]);
  });

  test("with meters at several addresses, at a speed that is no default", async () => {
    const { meters } = await scanned({
      meters: [
        { model: "sdm120", address: 1 },
        { model: "em112", address: 17 },
        { model: "sdm230", address: 32 },
      ],
      bus: { speed: 4_800 },
    });
    expect(names(meters)).toEqual([
      [1, "is", "sdm120"],
      [17, "is", "em112"],
      [32, "is", "sdm230"],
    ]);
  });

  test("over Modbus TCP, where units take the place of addresses", async () => {
    const { meters, evidence } = await scanned({ meters: [{ model: "sunspec-203", address: 1 }], tcp: true });
    expect(names(meters)).toEqual([[1, "is", "sunspec-203"]]);
    expect(diagnose(evidence)).toEqual([]);
  });
});

describe("how deep it looks", () => {
  const far = { meters: [{ model: "sdm120", address: 201 }] };

  test("quick asks the addresses that meters leave the works with, full all of them", async () => {
    expect((await scanned(far)).meters).toEqual([]);
    expect(names((await scanned({ ...far, depth: "full" })).meters)).toEqual([[201, "is", "sdm120"]]);
  });

  test("an address that esme.yaml names is asked by a quick scan, too", async () => {
    const expected = { setting: { baud: 9_600, parity: "none" as const }, units: [201] };
    expect(names((await scanned({ ...far, expected })).meters)).toEqual([[201, "is", "sdm120"]]);
  });

  test("a dead bus is told within a quick scan's limits", async () => {
    const { cut, told } = await scanned({ meters: [{ model: "sdm120", address: 1, faults: { silent: 1 } }] });
    expect(cut).toBe(false);
    expect(told.length).toBe(settingsOf(MODELS.values(), null).length);
  });
});

describe("the order of what is tried", () => {
  test("what is configured comes first, then makers' defaults, most tables first; nothing twice", () => {
    const settings = settingsOf(MODELS.values(), { baud: 1_200, parity: "odd" });
    const keys = settings.map(({ baud, parity }) => `${baud} ${parity}`);
    expect(keys[0]).toBe("1200 odd");
    expect(keys[1]).toBe("9600 none");
    expect(new Set(keys).size).toBe(keys.length);
    for (const { bus } of MODELS.values())
      for (const baud of bus.speeds) for (const parity of bus.parities) expect(keys).toContain(`${baud} ${parity}`);
  });

  test("every address that a table leaves the works with is likely", () => {
    for (const { bus } of MODELS.values()) expect(likelyAddresses(MODELS.values(), [])).toContain(bus.address);
  });
});
