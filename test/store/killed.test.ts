// The owner of a house killed while it commits, refused a second time, and out of disk: real processes, real signals.
// Runs the built store (dist/), as `npm test` builds it first.
import { type ChildProcessByStdio, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { takeLock } from "../../host/adapters/lock.js";
import { openReader } from "../../host/adapters/store/house-reader.js";
import { newLedger } from "../../host/ledger/ledger.js";
import { turn } from "../../host/ledger/turn.js";
import { MicroWattHours, Utc_ms } from "../../host/ledger/units.js";
import { freshDir, opened, random, START, worth } from "./houses.js";

const KILLS = process.env.ESME_PROOF === "ci" ? 50 : 10;
const COMMITTING = join(import.meta.dirname, "committing.mjs");

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

async function gone(child: Child): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

/** The same readings without any store. */
function undisturbed(readings: number) {
  let ledger = newLedger();
  let halfHours = 0;
  for (let n = 0; n < readings; n++) {
    const counters = [MicroWattHours(n * 1_234_567), MicroWattHours(n * 7_654_321), null, null] as const;
    const at = Utc_ms(START + n * 1_200_000);
    const step = turn(ledger, { kind: "reading", at, counters, device: "b", boot: 1, base: null, span: null });
    ledger = step.ledger;
    halfHours += step.notices.filter((notice) => notice.kind === "half-hour").length;
  }
  return { ledger, halfHours };
}

function expectUndisturbed(dir: string): number {
  const store = opened(join(dir, "meter.sqlite"));
  const ledger = store.load()[0]?.ledger;
  const readings = ledger?.last == null ? 0 : (ledger.last.at - START) / 1_200_000 + 1;
  const { ledger: truth, halfHours } = undisturbed(readings);
  if (ledger !== undefined) expect(worth(ledger)).toEqual(worth(truth));
  expect(store.nextOutId()).toBe(halfHours + 1);
  expect(store.outbox(0, 1_000_000)).toHaveLength(halfHours);
  store.close();
  return readings;
}

describe("an owner that is killed", () => {
  it(`leaves the state of one moment, ${KILLS} times, and its lock is never in the way`, async () => {
    const dir = freshDir();
    const next = random(5);
    let before = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const child = committing(dir);
      expect(await said(child)).toBe("ready\n");
      await new Promise((resolve) => setTimeout(resolve, Math.floor(next() * 80))); // the kill's moment, not a wait for work
      child.kill("SIGKILL");
      await gone(child);
      const readings = expectUndisturbed(dir);
      expect(readings).toBeGreaterThanOrEqual(before);
      before = readings;
    }
    expect(before).toBeGreaterThan(KILLS);
  });
});

describe("a second owner", () => {
  it("is refused with the first one's process id, until that one is gone", async () => {
    const dir = freshDir();
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
      const dir = freshDir();
      const child = committing(dir, "4000");
      expect(await said(child)).toBe("ready\n");
      const heard = said(child);
      execFileSync("prlimit", ["--pid", String(child.pid), `--fsize=${300_000}:unlimited`]);
      expect(await heard).toMatch(/^store-unwritable: .*\(SQLITE_(FULL|IOERR\w*)\)\n$/);
      const reader = openReader(join(dir, "meter.sqlite"));
      const full = reader.ok ? reader.reader.waiting() : 0;
      if (reader.ok) reader.reader.close();
      const again = said(child);
      child.kill("SIGUSR2");
      expect(await again).toMatch(/^store-unwritable/);
      execFileSync("prlimit", ["--pid", String(child.pid), "--fsize=unlimited:unlimited"]);
      child.kill("SIGUSR2");
      await gone(child);
      expect(child.exitCode).toBe(0);
      expect(full).toBeGreaterThan(0);
      expect(full).toBeLessThan(2600);
      expect(expectUndisturbed(dir)).toBe(4000);
    },
  );
});
