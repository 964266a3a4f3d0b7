// A replayed file tells more than plain counters: phases, the secondary element, voltages, the clock, outages, commands. Killed after any
// commit, the replay goes on to the state of an undisturbed one.

import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { openStore } from "../../../host/adapters/store/house-store.js";
import type { Account } from "../../../host/app/replay/account.js";
import { fileToReplay, type Replayed, replay } from "../../../host/app/replay/file.js";
import { toldBy } from "../../../host/app/replay/told.js";
import { type Esme, newEsme } from "../../../host/ledger/esme.js";
import type { Notice } from "../../../host/ledger/events.js";
import { newLedger, registers_wh } from "../../../host/ledger/ledger.js";
import { entriesOf } from "../../../host/ledger/log.js";
import { kept } from "../../../host/ledger/profile.js";

const dir = mkdtempSync(join(tmpdir(), "esme-replay-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let files = 0;
function fileOf(lines: readonly object[]): string {
  const path = join(dir, `${++files}.jsonl`);
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return path;
}

const meter = (): Account => {
  const esme = newEsme(5_000);
  return { esme, ledger: esme.ledger };
};

async function replayed(lines: readonly object[], account = meter()): Promise<Replayed & { notices: Notice[] }> {
  const notices: Notice[] = [];
  const done = await replay(fileOf(lines), account, (_, more) => void notices.push(...more));
  return { ...done, notices };
}

function esmeOf({ account }: Pick<Replayed, "account">): Esme {
  if (account.esme === null) throw new Error("this is a ledger only");
  return account.esme;
}

const time = (text: string) => `2026-06-01T${text}Z`;
const flow = (import_wh: number, export_wh = 0) => ({ import_wh, export_wh });

/** The hour from 12:00 of +5, -3 and +5 kW on three phases, a line a minute. */
const unbalanced = Array.from({ length: 61 }, (_, m) => ({
  at: new Date(Date.UTC(2026, 5, 1, 12, m)).toISOString(),
  phases: [flow((5_000 * m) / 60), flow(0, (3_000 * m) / 60), flow((5_000 * m) / 60)],
}));

const kWhOf = (esme: Esme) =>
  Object.fromEntries(
    [["net", esme.ledger] as const, ...esme.beside.map((one) => [one.name, one.ledger] as const)].map(
      ([name, ledger]) => [
        name,
        registers_wh(ledger)
          .slice(0, 2)
          .map((wh) => Math.round(wh / 1_000)),
      ],
    ),
  );

describe("phases in a replayed file", () => {
  test("are netted from line to line where they come alone, by all three rules at once, and the meter says so", async () => {
    const esme = esmeOf(await replayed(unbalanced));
    expect(kWhOf(esme)).toEqual({ net: [7, 0], "per-phase": [10, 3], absolute: [13, 0] });
    expect(esme.state.meterVariant.value).toBe("C");
    expect(esme.state.netting).toEqual({ rule: "net", window: "report-interval" });
  });

  test("leave the registers to the sum where the board netted it within a window of its own", async () => {
    const windowed = unbalanced.map((line, m) => ({ ...line, ...flow((7_100 * m) / 60, (100 * m) / 60) }));
    const esme = esmeOf(await replayed(windowed));
    expect(registers_wh(esme.ledger).slice(0, 2)).toEqual([7_100, 100]);
    expect(esme.state.netting.window).toBe("board");
  });

  test("once told have to be told in each line: one without is bad, and what flowed comes with the next", async () => {
    const [first, second, third] = unbalanced;
    const done = await replayed([first ?? {}, { at: second?.at, ...flow(117, 0) }, third ?? {}]);
    expect(done).toMatchObject({
      readings: 2,
      bad: 1,
      badLines: [{ line: 2 }],
    });
    expect(done.badLines[0]?.reason).toMatch(/has counted phases/);
    expect(registers_wh(esmeOf(done).ledger)[0]).toBe(233);
  });
});

test("a secondary element is counted beside the primary one, and the meter is a variant B", async () => {
  const lines = [0, 1, 2].map((m) => ({ at: time(`12:0${m}:00`), ...flow(100 * m), secondary_wh: 40 * m }));
  const esme = esmeOf(await replayed(lines));
  expect(esme.state.meterVariant.value).toBe("B");
  expect(registers_wh(esme.ledger)[0]).toBe(200);
  expect(esme.beside.map(({ name, ledger }) => [name, registers_wh(ledger)[0]])).toEqual([["secondary", 80]]);
});

test("voltages of a file are averaged over the half hour, each phase for itself", async () => {
  const lines = Array.from({ length: 62 }, (_, m) => ({
    at: new Date(Date.UTC(2026, 5, 1, 12, m)).toISOString(),
    ...flow(m),
    voltages: [230 + (m % 2), 241.5, null],
    import_w: 60,
  }));
  const { state, live } = esmeOf(await replayed(lines));
  const ends = state.averageRMSVoltageProfileDataLog.map((log) =>
    entriesOf(log).map(({ timestamp, value }) => [new Date(timestamp).toISOString().slice(11, 16), value]),
  );
  expect(ends).toEqual([
    [
      ["12:30", 2_305],
      ["13:00", 2_305],
    ],
    [
      ["12:30", 2_415],
      ["13:00", 2_415],
    ],
    [],
  ]);
  expect(live.powerImportCollection).toMatchObject({ activePowerImport: 60, voltages: [2_310, 2_415, null] });
});

test.each([
  ["13:02:59", 0x8f35],
  ["13:03:00", 0x8f36],
])("an outage told in a file, from 13:00:00 to %s, is the alert that its length asks for", async (to, code) => {
  const { notices } = await replayed([
    { at: time("12:59:00"), ...flow(0) },
    { at: time("13:00:00"), supply: "interrupted" },
    { at: time(to), supply: "restored" },
    { at: time("13:05:00"), ...flow(10) },
  ]);
  const alerts = notices.filter((notice) => notice.kind === "alert");
  expect(alerts).toMatchObject([{ code, times: [Date.parse(time("13:00:00")), Date.parse(time(to))] }]);
});

test("a clock set in a file is set in the ledger, and the lines after it are in the new time", async () => {
  const { notices, ...done } = await replayed([
    { at: time("12:00:00"), ...flow(0) },
    { at: time("12:20:00"), ...flow(200) },
    { at: time("12:31:00"), ...flow(310) },
    { at: time("12:31:00"), clock: time("12:29:00") },
    { at: time("12:40:00"), ...flow(400) },
  ]);
  expect(notices.flatMap((notice) => (notice.kind === "event" ? [notice.code] : []))).toContain("clock-step");
  expect(registers_wh(esmeOf(done).ledger)[0]).toBe(400);
  expect([...kept(esmeOf(done).ledger.profile)].map((entry) => entry.wh[0])).toEqual([300]);
});

test("a command in a file is obeyed, or refused and told by its line with the reason", async () => {
  const set = { kind: "set", sections: { randomisedOffsetLimit: { value: 1_200 } } };
  const done = await replayed([
    { at: time("12:00:00"), ...flow(0) },
    { at: time("12:01:00"), by: "operator", command: set },
    { at: time("12:02:00"), command: { kind: "set", sections: { randomisedOffsetLimit: { value: 1_800 } } } },
    { at: time("12:03:00"), command: { kind: "set", sections: { securityLog: {} } } },
    { at: time("12:04:00"), command: { kind: "explode" } },
    { at: time("12:05:00"), ...flow(10) },
  ]);
  expect(esmeOf(done).state.randomisedOffsetLimit.value).toBe(1_200);
  expect(done).toMatchObject({ readings: 3, bad: 3 });
  expect(done.badLines.map(({ line }) => line)).toEqual([3, 4, 5]);
  expect(done.badLines[1]?.reason).toBe("command.sections.securityLog: nobody may set that");
});

test.each([
  ['{"at":"noon","phases":[]}', /at is not/],
  ['{"at":"2026-06-01T12:00:00Z","phases":[{"import_wh":1,"export_wh":0}]}', /phases are three/],
  ['{"at":"2026-06-01T12:00:00Z","phases":[1,2,3]}', /phases are three/],
  ['{"at":"2026-06-01T12:00:00Z","voltages":[230,230]}', /voltages are those/],
  ['{"at":"2026-06-01T12:00:00Z","voltages":["230",null,null]}', /voltages are those/],
  ['{"at":"2026-06-01T12:00:00Z","import_w":-1}', /import_w is a power/],
  ['{"at":"2026-06-01T12:00:00Z","secondary_wh":4}', /secondary_wh comes with/],
  ['{"at":"2026-06-01T12:00:00Z","import_wh":1,"voltages":[230,null,null]}', /import_wh and export_wh are cumulative/],
  ['{"at":"2026-06-01T12:00:00Z","clock":"tomorrow"}', /clock is not/],
  ['{"at":"2026-06-01T12:00:00Z","supply":"off"}', /supply is/],
  ['{"at":"2026-06-01T12:00:00Z","command":"reset"}', /^command: /],
  ['{"at":"2026-06-01T12:00:00Z","by":7,"command":{"kind":"clear-event-log"}}', /by is a short text/],
])("a line that says nonsense is told as what it is: %s", (text, reason) => {
  expect(toldBy(text)).toMatch(reason);
});

test("a ledger that is no meter takes plain counters only", async () => {
  const done = await replayed(
    [
      { at: time("12:00:00"), ...flow(0) },
      { at: time("12:01:00"), ...flow(1), voltages: [230, null, null] },
      { at: time("12:02:00"), ...flow(2) },
    ],
    { esme: null, ledger: newLedger() },
  );
  expect(done).toMatchObject({
    readings: 2,
    bad: 1,
    badLines: [{ line: 2, reason: expect.stringMatching(/only the grid/) }],
  });
});

/** A day of three phases, a line every 20 s, with voltages, a tariff, an outage, a clock set and a bad line. */
function* day(): Generator<object> {
  const totals = [0, 1, 2].map(() => [0, 0] as [number, number]);
  for (let s = 0; s < 86_400; s += 20) {
    const at = new Date(Date.UTC(2026, 5, 1) + s * 1_000).toISOString();
    totals.forEach((total, p) => {
      const w = 900 * Math.sin(s / 3_000 + p) + 300;
      total[w < 0 ? 1 : 0] += Math.abs(w) / 180;
    });
    if (s === 7_200) yield { at, command: { kind: "set", sections: { randomisedOffsetLimit: { value: 1_200 } } } };
    if (s === 30_000) yield { at, clock: new Date(Date.UTC(2026, 5, 1) + (s + 8) * 1_000).toISOString() };
    if (s === 40_000) yield { at, supply: "interrupted" };
    if (s === 40_200) yield { at, supply: "restored", voltages: [229, 230, 231] };
    if (s === 50_000) yield { at, import_wh: -1, export_wh: 0 };
    if (s > 40_000 && s <= 40_200) continue;
    yield { at, phases: totals.map(([i, e]) => flow(i, e)), voltages: [231, 229.5 + Math.sin(s), 230] };
  }
}

describe("a replay that was killed", () => {
  const path = fileOf([...day()]);

  test("goes on from any of its commits to the state of an undisturbed one", async () => {
    const commits: { account: Account; position: number }[] = [];
    const whole = await replay(path, meter(), (account, _, position) => void commits.push({ account, position }));
    expect(commits.length).toBeGreaterThan(12);
    expect(commits.at(-1)?.position).toBe(fileToReplay(path).size);
    for (const { account, position } of commits.slice(0, -1)) {
      const resumed = await replay(path, account, () => {}, position);
      expect(resumed.account).toEqual(whole.account);
      if (resumed.bad > 0) expect(resumed.badLines).toEqual(whole.badLines);
    }
  });

  test("goes on through a store, and once whole the store knows it", async () => {
    const killed = new Error("killed");
    const booked = (name: string, most: number) => {
      const opened = openStore(join(dir, name));
      if (!opened.ok) throw new Error(opened.reason);
      const { store } = opened;
      const file = fileToReplay(path).name;
      const esme = store.load()[0]?.esme ?? newEsme(5_000);
      let left = most;
      const done = replay(
        path,
        { esme, ledger: esme.ledger },
        ({ ledger, esme: now }, notices, position) => {
          if (left-- === 0) throw killed;
          const kept = { name: "grid", role: "grid" as const, ledger, notices, ...(now === null ? {} : { esme: now }) };
          expect(store.commit({ ledgers: [kept], outbox: [], progress: { name: file, position } }).ok).toBe(true);
        },
        store.progress(file) ?? 0,
      );
      return done
        .then(() => store.load()[0]?.esme)
        .catch((error) => (error === killed ? null : Promise.reject(error)))
        .finally(() => store.close());
    };
    const whole = await booked("whole.sqlite", 10_000);
    let resumed: Esme | null | undefined = null;
    for (let runs = 0; resumed === null && runs < 100; runs++) resumed = await booked("killed.sqlite", 2);
    expect(resumed?.state).toEqual(whole?.state);
    expect(resumed?.live).toEqual(whole?.live);
    expect(resumed?.ledger.cumulative).toEqual(whole?.ledger.cumulative);
    expect([...kept(resumed?.ledger.profile ?? newLedger().profile)]).toEqual([
      ...kept(whole?.ledger.profile ?? newLedger().profile),
    ]);
    expect(resumed?.beside.map(({ name, ledger }) => [name, ledger.cumulative])).toEqual(
      whole?.beside.map(({ name, ledger }) => [name, ledger.cumulative]),
    );
  });

  test("knows a file by its beginning and its size: a longer copy is another file", () => {
    const one = fileOf([{ at: time("12:00:00"), ...flow(0) }]);
    const name = fileToReplay(one).name;
    expect(fileToReplay(one).name).toBe(name);
    appendFileSync(one, "\n");
    expect(fileToReplay(one).name).not.toBe(name);
  });
});
