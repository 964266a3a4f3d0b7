// The devices of a house, put together: a source for each, many Modbus meters on one bus, and what is the trouble with each.

import { SerialSource } from "../adapters/board/serial-source.js";
import { Bus } from "../adapters/modbus/bus.js";
import { NETWORK_ms, RtuFraming, TcpFraming } from "../adapters/modbus/framing.js";
import { serialLine } from "../adapters/modbus/serial-line.js";
import { ModbusSource } from "../adapters/modbus/source.js";
import type { MeterStatistics } from "../adapters/modbus/statistics.js";
import { tcpLine } from "../adapters/modbus/tcp-line.js";
import { FrontPanel } from "../adapters/panel/front-panel.js";
import type { PulseOptions } from "../adapters/panel/options.js";
import { PanelBoard } from "../adapters/panel/panel-board.js";
import { PulseSource } from "../adapters/panel/pulse-source.js";
import { SerialIcSource } from "../adapters/serial-ic/source.js";
import type { Feed } from "../meter/gathering.js";
import type { Clock } from "../ports/clock.js";
import type { Source } from "../ports/source.js";
import type { Command } from "../wire/board/messages.js";
import { BOARD_MEMORY_ms, type BusPlace, type Device, keyOf, type ModbusDevice, placeOf } from "./config/devices.js";
import type { House } from "./config/house.js";
import { pulsesAt } from "./config/panel.js";
import type { HouseSource } from "./config/sources.js";
import { reversed } from "./reversed.js";

/** What remembers nothing keeps a half hour open only as long as it may be late for. */
const NO_MEMORY_ms = 1_800_000;

/** A device of the house as its owner sees it. */
export interface HouseDevice {
  /** Which one, as a person names it. */
  readonly name: string;
  readonly device: Device;
  readonly source: Source;
  readonly feeds: readonly Feed[];
  readonly patience_ms: number;
  /** Why it is not metered; null while nothing is known to be wrong. */
  readonly trouble: () => string | null;
  /** What its owner ought to know of how it is metered; null where nothing is peculiar. */
  readonly remark?: () => string | null;
  /** Where it is a board that speaks the link: it can be calibrated. */
  readonly board: SerialSource | null;
  /** What it has been through; null where nobody counts that. */
  readonly statistics: () => MeterStatistics | null;
}

export interface HouseDevices {
  readonly devices: readonly HouseDevice[];
  readonly panel: FrontPanel | null;
}

export function devicesOf(house: House, clock: Clock): HouseDevices {
  const buses = new Map<string, Bus>();
  const boards = new Map<string, PanelBoard>();
  const groups = new Map<string, HouseSource[]>();
  for (const source of house.sources) {
    const key = keyOf(source.device);
    groups.set(key, [...(groups.get(key) ?? []), source]);
  }
  const devices = [...groups].map(([name, feeds]) => deviceOf(name, feeds, house, clock, buses, boards));
  const panel =
    house.panel === null
      ? null
      : new FrontPanel(panelBoard(house.panel.port, clock, boards), house.panel.options, clock);
  return { devices, panel };
}

function deviceOf(
  name: string,
  feeds: readonly HouseSource[],
  house: House,
  clock: Clock,
  buses: Map<string, Bus>,
  boards: Map<string, PanelBoard>,
): HouseDevice {
  const device = (feeds[0] as HouseSource).device;
  const common = { name, device, feeds, board: null, statistics: () => null };
  switch (device.kind) {
    case "board": {
      const board = new SerialSource(device.port, clock, settingsOf(feeds));
      return { ...common, source: board, patience_ms: BOARD_MEMORY_ms, trouble: () => boardTrouble(board), board };
    }
    case "modbus": {
      const source = new ModbusSource({
        bus: busOf(device, clock, buses),
        model: device.model,
        unit: device.address,
        every_ms: device.every_ms,
        boot: bootNow(clock),
        clock,
        fuse_w: house.fuse_w,
        needsDirection: device.reversed || feeds.some(({ role }) => role === "grid"),
      });
      const trouble = () => source.refusal?.reason ?? null;
      const remark = () => source.remark;
      const turned = device.reversed ? reversed(source) : source;
      const statistics = () => source.statistics;
      return { ...common, source: turned, patience_ms: NO_MEMORY_ms, trouble, remark, statistics };
    }
    case "serial-ic": {
      const source = new SerialIcSource(device.options, clock);
      const trouble = () => source.refusal?.reason ?? null;
      const turned = device.reversed ? reversed(source) : source;
      return { ...common, source: turned, patience_ms: NO_MEMORY_ms, trouble };
    }
    case "pulses": {
      const { port } = device;
      const options = pulsesAt(port, feeds)[0] as PulseOptions;
      const source = new PulseSource(panelBoard(port, clock, boards), options, clock);
      const trouble = () => boards.get(port)?.refusal?.reason ?? null;
      return { ...common, source, patience_ms: NO_MEMORY_ms, trouble };
    }
  }
}

function panelBoard(port: string, clock: Clock, boards: Map<string, PanelBoard>): PanelBoard {
  const board = boards.get(port) ?? new PanelBoard(port, clock);
  boards.set(port, board);
  return board;
}

function boardTrouble(board: SerialSource): string | null {
  const { otherVersion } = board;
  return (
    board.refusal?.reason ?? (otherVersion === null ? null : `the board ${otherVersion}; this esme speaks version 1`)
  );
}

/** Meters in one place share a bus. */
function busOf(device: ModbusDevice, clock: Clock, buses: Map<string, Bus>): Bus {
  const name = placeOf(device);
  const bus = buses.get(name) ?? newBus(name, device.place, clock);
  buses.set(name, bus);
  return bus;
}

function newBus(name: string, place: BusPlace, clock: Clock): Bus {
  if (place.kind === "serial") {
    const { port: path, speed: baud, parity, stopBits } = place;
    const open = serialLine({ path, baud, parity, stopBits });
    return new Bus({ name, open, framing: new RtuFraming(baud), clock });
  }
  const open = tcpLine(place.host, place.port);
  const framing = place.kind === "tcp" ? new TcpFraming() : new RtuFraming(place.speed, NETWORK_ms);
  return new Bus({ name, open, framing, clock });
}

/** A boot of its own for every process: the tenths of a second of its start, which come again after thirteen years. */
function bootNow(clock: Clock): number {
  return Math.floor(clock.utc() / 100) % 2 ** 32;
}

/** How a board is to measure for its feeds: its window, and which clamps its sum is of. */
function settingsOf(feeds: readonly HouseSource[]): readonly Command[] {
  const windows = feeds.map(({ device }) => (device.kind === "board" ? device.windowCycles : null));
  const cycles = windows.find((one) => one !== null) ?? null;
  const phases = feeds.find((feed) => feed.phases !== undefined)?.phases;
  const mask = (phases ?? []).reduce((bits, clamp) => bits | (1 << (clamp - 1)), 0);
  return [
    ...(cycles === null ? [] : [{ kind: "window" as const, cycles }]),
    ...(phases === undefined ? [] : [{ kind: "clampSet" as const, mask }]),
  ];
}
