// `esme demo`: a solar home end to end. Yesterday comes from the fast fidelity, then the same board goes on live: the firmware image
// executed behind a pseudo-terminal, read by the serial adapter, booked, stored, and forwarded over TCP to a hub.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tcpHubLink } from "../../adapters/hub-link/tcp.js";
import type { Ledger } from "../../ledger/ledger.js";
import { Meter } from "../../meter/meter.js";
import type { HubLink } from "../../ports/hub-link.js";
import type { TrueEnergy } from "../../sim/truth.js";
import { installCodeOf } from "../../wire/hub/install-code.js";
import { systemClock } from "../clocks.js";
import { BOARD_MEMORY_ms } from "../config/devices.js";
import { houseOfPort } from "../config/house.js";
import { liveBoard } from "../demo/board.js";
import { jsonOf, liveTable, type Row, summary } from "../demo/tables.js";
import { between, fillYesterday } from "../demo/yesterday.js";
import { own } from "../own.js";
import type { StoryName } from "../stories/names.js";
import { until } from "../until.js";
import { openHub } from "./hub.js";

interface Options {
  readonly data?: string;
  readonly seed: number;
  readonly for?: number;
  readonly json?: boolean;
  readonly story?: StoryName;
}

const PATIENCE_ms = 20_000;

export async function demo(options: Options): Promise<void> {
  if (options.story !== undefined)
    return (await import("../stories/tell.js")).tell(options.story, options.json === true);
  const dir = options.data ?? mkdtempSync(join(tmpdir(), "esme-demo-"));
  const say = (text: string) => void process.stderr.write(`esme: ${text}\n`);
  const { store, release } = own(dir);
  const hub = await openHub(join(dir, "hub"), "127.0.0.1", 0, () => {});
  const eeprom = join(dir, "board.eeprom");
  try {
    const rows: Row[] = [];
    if (store.load().length === 0) {
      say("filling yesterday: 86,400 seconds of a solar home, window by window ...");
      const yesterday = await fillYesterday(store, Date.now(), options.seed);
      writeFileSync(eeprom, yesterday.eeprom);
      rows.push(row("yesterday (fast)", gridOf(store.load()), null, yesterday.truth));
    }
    const code = installCodeOf(hub.installCode);
    const { host, port } = { host: "127.0.0.1", port: hub.hub.port };
    const link =
      code === null ? null : tcpHubLink({ host, port, name: store.name, installCode: code, clock: systemClock });
    rows.push(await live({ dir, eeprom, store, link, say, hub, options }));
    if (options.json !== true) process.stdout.write(`\n${summary(rows)}\n`);
    else process.stdout.write(`${jsonOf(rows)}\n`);
    if (options.data !== undefined) say(`the house stays in ${dir}: esme read profile --data ${dir}`);
  } finally {
    await hub.stop();
    release();
    if (options.data === undefined) rmSync(dir, { recursive: true, force: true });
  }
}

interface Parts {
  readonly dir: string;
  readonly eeprom: string;
  readonly store: ReturnType<typeof own>["store"];
  readonly link: HubLink | null;
  readonly say: (text: string) => void;
  readonly hub: Awaited<ReturnType<typeof openHub>>;
  readonly options: Options;
}

async function live({ eeprom, store, link, say, hub, options }: Parts): Promise<Row> {
  const board = await liveBoard({ scenario: "demo", seed: options.seed, eeprom, ppm: 300 }, systemClock);
  say(`executing the firmware image; its serial line is ${board.where}`);
  const { sources: feeds, fuse_w, commitEvery_ms } = houseOfPort(board.where);
  const inputs = [{ source: board.source, feeds, patience_ms: BOARD_MEMORY_ms }];
  const meter = new Meter({ clock: systemClock, store, inputs, hub: link, fuse_w, commitEvery_ms });
  const before = gridOf(store.load());
  const moment = () => {
    const device = meter.view().inputs[0]?.device;
    return device?.kind === "metering" ? { boot: device.identity.boot, board: device.board } : null;
  };
  // Counting begins with this boot of the known board, or, for another board, with its first report.
  let began: ReturnType<typeof moment> = null;
  const first = new Promise<void>((resolve) => {
    meter.watch((notice, name) => {
      if (name !== "grid" || notice.kind !== "event") return;
      if (notice.code === "baseline" || notice.code === "exchange") began = moment();
      if (["baseline", "exchange", "restart"].includes(notice.code)) resolve();
    });
  });
  meter.start();
  const waiting = new AbortController();
  const ended = await Promise.race([first, until(PATIENCE_ms, waiting.signal)]);
  // Begun before the other is given up: a signal between the two would kill the program.
  const over = ended === "told" ? ended : until(options.for ?? null);
  waiting.abort();
  const stopShowing = show(meter, link, () => hub.hub.meters.length > 0, options);
  await over;
  stopShowing();
  const last = moment();
  const after = meter.view().ledgers.get("grid")?.ledger ?? null;
  const truthAtFirst = began === null ? null : await truthAt(board, began);
  const truthAtLast = last === null ? null : await truthAt(board, last);
  const executed_cycles = await board.executedCycles();
  const { reports } = meter.view();
  await meter.stop();
  await board.stop();
  return { ...row("live (executed)", after, before, between(truthAtFirst, truthAtLast)), executed_cycles, reports };
}

function truthAt(board: Awaited<ReturnType<typeof liveBoard>>, at: { readonly boot: number; readonly board: number }) {
  return board.truthAtBoard(at.boot, at.board);
}

/** The live table: redrawn in place on a terminal, a line every five seconds elsewhere, nothing with --json. */
function show(meter: Meter, link: HubLink | null, joined: () => boolean, options: Options): () => void {
  if (options.json === true) return () => {};
  const terminal = process.stdout.isTTY === true;
  let drawn = 0;
  const timer = setInterval(
    () => {
      const text = liveTable(meter.view(), link?.state() ?? null, joined());
      if (terminal && drawn > 0) process.stdout.write(`\x1b[${drawn}A\x1b[J`);
      process.stdout.write(`${text}\n`);
      drawn = text.split("\n").length;
    },
    terminal ? 1_000 : 5_000,
  );
  return () => clearInterval(timer);
}

function gridOf(ledgers: readonly { readonly name: string; readonly ledger: Ledger }[]): Ledger | null {
  return ledgers.find((one) => one.name === "grid")?.ledger ?? null;
}

function row(name: string, after: Ledger | null, before: Ledger | null, truth: TrueEnergy): Row {
  const booked = (q: 0 | 1) => (after?.cumulative[q] ?? 0) - (before?.cumulative[q] ?? 0);
  return {
    name,
    import_uwh: booked(0),
    export_uwh: booked(1),
    truth_import_uwh: Math.round(truth.import_uwh),
    truth_export_uwh: Math.round(truth.export_uwh),
  };
}
