// A store put down and taken up at any commit gives the ledger that would have been, and rows that say the same.
import { copyFileSync, readFileSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { newEsme } from "../../host/ledger/esme.js";
import type { Notice } from "../../host/ledger/events.js";
import { newLedger } from "../../host/ledger/ledger.js";
import { DEPTHS, kept } from "../../host/ledger/profile.js";
import { turn } from "../../host/ledger/turn.js";
import { turnEsme } from "../../host/ledger/turn-esme.js";
import { cumulativeFromWh, HALF_HOUR_ms, REGISTER_SPAN_wh, Utc_ms } from "../../host/ledger/units.js";
import type { Store, StoreReader } from "../../host/ports/store.js";
import { asDocument, esmeHistory } from "../document/histories.js";
import { freshDir, history, opened, random, reading, START, worth } from "./houses.js";

const ALWAYS = [Utc_ms(0), Utc_ms(8.64e15)] as const;

/** Both sides of the law, restated in plain sums over the rows. */
function expectLaw(reader: StoreReader, name: string): void {
  const registers = reader.registers(name);
  if (registers === null) throw new Error(`no ledger ${name}`);
  const profile = reader.profile(name, ...ALWAYS);
  for (const q of [0, 1, 2, 3] as const) {
    const closed = profile.reduce((sum, entry) => sum + (entry.wh[q] ?? 0), 0);
    expect(registers.profile_wh[q]).toBe(closed % REGISTER_SPAN_wh);
    const parts = closed + (registers.open?.wh[q] ?? 0) + registers.unallocated_wh[q] + registers.dropped_wh[q];
    expect(parts % REGISTER_SPAN_wh).toBe(registers.register_wh[q]);
  }
}

describe("a store taken up again", () => {
  it.each([1, 2, 3, 4, 5, 6])("after any prefix of turns goes on as the live ledger does (seed %i)", (seed) => {
    const path = join(freshDir(), "meter.sqlite");
    const next = random(seed * 977);
    let store = opened(path);
    let live = newLedger({ fuse_w: 75_900, patience_ms: 43_200_000 });
    let stored = live;
    let pending: Notice[] = [];
    for (const event of history(seed, 400)) {
      live = turn(live, event).ledger;
      const step = turn(stored, event);
      stored = step.ledger;
      pending.push(...step.notices);
      if (next() < 0.4) continue;
      const other = { name: "solar", role: "generation", ledger: newLedger(), notices: [] } as const;
      const ledgers = [{ name: "grid", role: "grid", ledger: stored, notices: pending } as const, other];
      expect(store.commit({ ledgers, outbox: [] })).toEqual({ ok: true });
      pending = [];
      if (next() < 0.6) continue;
      store.close();
      store = opened(path);
      const [grid, solar] = store.load();
      if (grid === undefined) throw new Error("the grid's ledger is gone");
      expect(worth(grid.ledger)).toEqual(worth(live));
      expect(solar).toMatchObject({ name: "solar", role: "generation" });
      stored = grid.ledger;
      const reader = reading(path);
      expectLaw(reader, "grid");
      expect(reader.profile("grid", ...ALWAYS)).toEqual([...kept(live.profile)]);
      reader.close();
    }
    store.close();
    expect([...kept(live.profile)].length).toBeGreaterThan(20);
  });

  it("forgets what has aged out as the ledger does, over fourteen months of half hours", () => {
    const path = join(freshDir(), "meter.sqlite");
    const patience_ms = 1_800_000;
    let store = opened(path);
    let ledger = newLedger({ fuse_w: 75_900, patience_ms });
    let notices: Notice[] = [];
    const last = DEPTHS[0] + 150;
    for (let n = 0; n <= last; n++) {
      const counters = [
        cumulativeFromWh(n * 7.5),
        cumulativeFromWh(n * 2.25),
        cumulativeFromWh(n),
        cumulativeFromWh(0),
      ] as const;
      const at = Utc_ms(START + n * HALF_HOUR_ms);
      const step = turn(ledger, { kind: "reading", at, counters, device: "b", boot: 1, base: null, span: null });
      ledger = step.ledger;
      notices.push(...step.notices);
      if (n % 96 !== 0 && n !== last) continue;
      store.commit({ ledgers: [{ name: "grid", role: "grid", ledger, notices }], outbox: [] });
      notices = [];
      if (n % 4_800 !== 0 && n !== last) continue;
      store.close();
      store = opened(path);
      const again = store.load()[0]?.ledger;
      if (again === undefined) throw new Error("the ledger is gone");
      expect(worth(again)).toEqual(worth(ledger));
      ledger = again;
    }
    const reader = reading(path);
    expectLaw(reader, "grid");
    const profile = reader.profile("grid", ...ALWAYS);
    expect(profile).toHaveLength(DEPTHS[0]);
    expect(profile.filter((entry) => entry.wh[1] !== null)).toHaveLength(DEPTHS[1]);
    const two = reader.profile("grid", Utc_ms(START + 1000 * HALF_HOUR_ms), Utc_ms(START + 1002 * HALF_HOUR_ms));
    expect(two.map((entry) => entry.end)).toEqual([1001, 1002].map((n) => START + n * HALF_HOUR_ms));
    reader.close();
    store.close();
  });

  it("keeps the newest 10,000 events in order, and finds those of a time", () => {
    const path = join(freshDir(), "meter.sqlite");
    const store = opened(path);
    const events = Array.from(
      { length: 10_050 },
      (_, n) => ({ kind: "event", at: Utc_ms(START + n), code: "gap", text: `${n}` }) as const,
    );
    const commit = (notices: readonly Notice[]) =>
      store.commit({ ledgers: [{ name: "grid", role: "grid", ledger: newLedger(), notices }], outbox: [] });
    commit(events.slice(0, 9_000));
    commit(events.slice(9_000));
    const reader = reading(path);
    expect(reader.events("grid", ...ALWAYS).map((event) => event.text)).toEqual(
      events.slice(50).map((event) => event.text),
    );
    expect(reader.events("grid", Utc_ms(START + 60), Utc_ms(START + 62)).map((event) => event.text)).toEqual([
      "60",
      "61",
    ]);
    expect(reader.events("nobody", ...ALWAYS)).toEqual([]);
    reader.close();
    store.close();
  });

  it("never gives an id of a message twice, and keeps rates and what was taken", () => {
    const path = join(freshDir(), "meter.sqlite");
    let store = opened(path);
    const body = new Uint8Array(new Uint8Array([9, 1, 2, 9]).buffer, 1, 2);
    const post = (...ids: number[]) => ids.map((id) => ({ id, kind: "push" as const, body }));
    store.commit({ ledgers: [], outbox: post(1, 2, 3), rates: new Map([["b", -4200]]), took: { hub: "hub-1", id: 7 } });
    expect(store.outbox(1, 1)).toEqual([{ id: 2, kind: "push", body: new Uint8Array([1, 2]) }]);
    expect(store.standing("hub-1")).toEqual({ known: true, taken: 7, first: 1, next: 4 });
    expect(store.acknowledge(3)).toEqual({ ok: true });
    store.close();
    store = opened(path);
    expect(store.nextOutId()).toBe(4);
    expect(store.rates()).toEqual(new Map([["b", -4200]]));
    expect(store.standing("hub-2")).toEqual({ known: false, taken: 0, first: 4, next: 4 });
    expect(() => store.commit({ ledgers: [], outbox: post(3) })).toThrow("rise by one");
    expect(() =>
      store.commit({ ledgers: [], outbox: [{ id: 4, kind: "push", body: new Uint8Array(65_537) }] }),
    ).toThrow("refused one");
    expect(store.commit({ ledgers: [], outbox: post(4) })).toEqual({ ok: true });
    store.close();
  });
});

describe("a crash at any point of what is written", () => {
  it("leaves the state of one commit, never half of one", () => {
    const dir = freshDir();
    const path = join(dir, "meter.sqlite");
    const store = opened(path);
    let esme = newEsme(7);
    const states: string[] = [];
    for (const event of [...esmeHistory(11, 12)].slice(0, 25)) {
      const step = turnEsme(esme, event);
      esme = step.esme;
      const outbox = step.notices.map((_, at) => ({
        id: store.nextOutId() + at,
        kind: "push" as const,
        body: new Uint8Array(9),
      }));
      const grid = { name: "grid", role: "grid", ledger: esme.ledger, esme, notices: step.notices } as const;
      store.commit({ ledgers: [grid], outbox, progress: { name: "history", position: states.length } });
      states.push(stateOf(store));
    }
    const log = `${path}-wal`;
    const whole = statSync(log).size;
    const frame = 4096 + 24;
    let reached = -1;
    for (let size = 32; size <= whole; size += frame) {
      for (const torn of [0, 1500]) {
        const cut = join(dir, `cut-${size + torn}.sqlite`);
        copyFileSync(path, cut);
        copyFileSync(log, `${cut}-wal`);
        truncateSync(`${cut}-wal`, Math.min(size + torn, whole));
        const after = opened(cut);
        const state = stateOf(after);
        const at = after.load().length === 0 ? -1 : states.indexOf(state);
        if (after.load().length > 0) expect(at).toBeGreaterThanOrEqual(Math.max(reached, 0));
        reached = Math.max(reached, at);
        after.close();
      }
    }
    expect(reached).toBe(states.length - 1);
    expect(readFileSync(log).length).toBe(whole);
    store.close();
  });
});

function stateOf(store: Store): string {
  const next = store.nextOutId();
  return JSON.stringify([
    store.load().map((one) => (one.esme === undefined ? null : asDocument(one.esme))),
    store.progress("history"),
    next,
    store.outbox(next - 2, 9).map((m) => m.id),
  ]);
}
