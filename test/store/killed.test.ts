// The owner of a house killed while it commits, refused a second time, and out of disk: real processes, real signals.
// Runs the built store (dist/), as `npm test` builds it first.
import { type ChildProcessByStdio, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { takeLock } from "../../host/adapters/lock.js";
import { openReader } from "../../host/adapters/store/house-reader.js";
import type { Deed } from "../../host/ledger/commands.js";
import { newEsme } from "../../host/ledger/esme.js";
import type { EsmeEvent } from "../../host/ledger/events.js";
import { turnEsme } from "../../host/ledger/turn-esme.js";
import { MicroWattHours, Utc_ms } from "../../host/ledger/units.js";
import { asDocument, NIGHT_RATE } from "../document/histories.js";
import { freshDir, opened, random, START } from "./houses.js";

const KILLS = process.env.ESME_PROOF === "ci" ? 50 : 10;
const COMMITTING = join(import.meta.dirname, "committing.mjs");

const TWO_RATES: Deed = {
  kind: "set",
  sections: { tariffSwitchingTable: { valueCurrent: NIGHT_RATE, valueNext: null, activateNextDateTime: null } },
};

type Child = ChildProcessByStdio<null, Readable, null>;

function committing(dir: string, ...more: string[]): Child {
  return spawn(process.execPath, [COMMITTING, dir, ...more], { stdio: ["ignore", "pipe", "inherit"] });
}

/** What the child says next. */
async function said(child: Child): Promise<string> {
  const died = once(child, "exit").then(() => [`it ended: ${child.exitCode ?? child.signalCode}`]);
  const [words] = await Promise.race([once(child.stdout, "data"), died]);
  return String(words);
}

/** All that the child has said when it has come to this word. */
async function saidAtLast(child: Child, word: string): Promise<string> {
  let words = "";
  for await (const more of child.stdout.iterator({ destroyOnReturn: false })) {
    words += more;
    if (words.includes(word)) break;
  }
  return words;
}

async function gone(child: Child): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

/** Readings every 20 minutes with the supply's voltages; tariff switches, outages with their alerts, settings, and clock steps. */
function stepsOf(count: number): readonly (readonly EsmeEvent[])[] {
  let shift_ms = 0;
  return Array.from({ length: count }, (_, n) => {
    const at = () => Utc_ms(START + n * 1_200_000 + shift_ms);
    const events: EsmeEvent[] = [];
    if (n === 3) events.push({ kind: "command", at: at(), by: "operator", deed: TWO_RATES });
    if (n % 40 === 20) {
      const deed = { kind: "set", sections: { lowMediumPowerThreshold: { threshold: n } } } as const;
      events.push({ kind: "command", at: at(), by: "operator", deed });
    }
    if (n % 31 === 30) {
      const was = at();
      shift_ms += [9_000, -9_000, 11_000, -11_000][Math.floor(n / 31) % 4] ?? 0;
      events.push({ kind: "clock", was, at: at() });
    }
    const counters = [MicroWattHours(n * 1_234_567), MicroWattHours(n * 765_432), null, null] as const;
    events.push({ kind: "reading", at: at(), counters, device: "b", boot: 1, base: null, span: null });
    const volts = n % 17 === 16 ? 0 : 2_250 + (n % 90);
    events.push({
      kind: "supply",
      at: Utc_ms(at() + 1_000),
      voltages_dv: [volts, null, null],
      import_w: 4,
      primary_w: 4,
    });
    return events;
  });
}

const STEPS = stepsOf(5_000);

/** A directory whose owner will take those steps. */
function withSteps(): string {
  const dir = freshDir();
  writeFileSync(join(dir, "steps.json"), JSON.stringify(STEPS));
  return dir;
}

/** The same steps without any store, taken one after the other. */
function undisturbed() {
  let esme = newEsme(7);
  let [taken, halfHours] = [0, 0];
  return (steps: number) => {
    for (; taken < steps; taken++)
      for (const event of STEPS[taken] ?? []) {
        const turned = turnEsme(esme, event);
        esme = turned.esme;
        halfHours += turned.notices.filter((notice) => notice.kind === "half-hour").length;
      }
    return { esme, halfHours };
  };
}

function expectUndisturbed(dir: string, truth: ReturnType<typeof undisturbed>): number {
  const store = opened(join(dir, "meter.sqlite"));
  const steps = (store.progress("steps") ?? -1) + 1;
  const { esme, halfHours } = truth(steps);
  const stored = store.load()[0]?.esme;
  expect(stored === undefined ? null : asDocument(stored)).toEqual(steps === 0 ? null : asDocument(esme));
  expect(store.nextOutId()).toBe(halfHours + 1);
  expect(store.outbox(0, 1_000_000)).toHaveLength(halfHours);
  store.close();
  return steps;
}

describe("an owner that is killed", () => {
  it(`leaves the state of one moment, ${KILLS} times, and its lock is never in the way`, {
    timeout: 60_000 + KILLS * 5_000,
  }, async () => {
    const dir = withSteps();
    const truth = undisturbed();
    const next = random(5);
    let before = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const child = committing(dir, String(STEPS.length), "6");
      // Every other one dies as early as may be; the others have come some way, however slow the machine.
      expect(await saidAtLast(child, kill % 2 === 0 ? "ready\n" : "on\n")).toMatch(/^ready\n/);
      await new Promise((resolve) => setTimeout(resolve, Math.floor(next() * 80))); // the kill's moment, not a wait for work
      child.kill("SIGKILL");
      await gone(child);
      const steps = expectUndisturbed(dir, truth);
      expect(steps).toBeGreaterThanOrEqual(before);
      before = steps;
    }
    expect(before).toBeGreaterThan(KILLS);
    const { state } = truth(before).esme;
    expect(state.tariffTOURegisterCollection.touPrimaryRegister[1]).toBeGreaterThan(0);
    expect(state.powerEventLog.written).toBeGreaterThan(0);
  });
});

describe("a second owner", () => {
  it("is refused with the first one's process id, until that one is gone", async () => {
    const dir = withSteps();
    const child = committing(dir);
    await said(child);
    const refused = takeLock(dir);
    const reason = `${dir} belongs to the running process ${child.pid}`;
    const next = `stop the running process ${child.pid} first, or give another directory with --data`;
    expect(refused).toEqual({ ok: false, code: "owned", reason, next });
    child.kill("SIGKILL");
    await gone(child);
    const lock = takeLock(dir);
    if (!lock.ok) throw new Error(lock.reason);
    expect(takeLock(dir)).toMatchObject({
      code: "owned",
      reason: `${dir} belongs to the running process ${process.pid}`,
    });
    lock.release();
    const again = takeLock(dir);
    expect(again.ok).toBe(true);
    if (again.ok) again.release();
  });

  it("is told what is in the way where the lock is none; a directory made for an owner is its own", () => {
    const dir = join(freshDir(), "new", "house");
    const lock = takeLock(dir);
    expect(lock.ok).toBe(true);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    if (lock.ok) lock.release();
    expect(takeLock("/dev/null/house")).toMatchObject({ ok: false, code: "lock-unwritable" });
  });
});

describe("a full disk", () => {
  const missing = !existsSync("/usr/bin/prlimit") && "prlimit (util-linux) is not here to make a file full";
  it.skipIf(missing)(
    "is told as a fault; the same commit succeeds when there is space, and nothing is lost",
    async () => {
      const dir = withSteps();
      // Limited from its beginning: it might be done before a limit that is set while it runs.
      const limited = [`--fsize=${1_000_000}:unlimited`, process.execPath, COMMITTING, dir, "2000"];
      const child = spawn("prlimit", limited, { stdio: ["ignore", "pipe", "inherit"] });
      expect(await saidAtLast(child, ")\n")).toMatch(/^ready\nstore-unwritable: .*\(SQLITE_(FULL|IOERR\w*)\)\n$/);
      const reader = openReader(join(dir, "meter.sqlite"));
      const full = reader.ok ? reader.reader.waiting() : 0;
      if (reader.ok) reader.reader.close();
      child.kill("SIGUSR2");
      expect(await saidAtLast(child, ")\n")).toMatch(/^store-unwritable/);
      execFileSync("prlimit", ["--pid", String(child.pid), "--fsize=unlimited:unlimited"]);
      child.kill("SIGUSR2");
      await gone(child);
      expect(child.exitCode).toBe(0);
      expect(full).toBeGreaterThan(0);
      expect(full).toBeLessThan(1_300);
      expect(expectUndisturbed(dir, undisturbed())).toBe(2_000);
    },
  );
});
