// What is at a place: a serial port, or host:port. Tried one after the other as docs/spec/doctor.md has it; the first that answers ends it.

import { MODELS } from "../../adapters/modbus/catalogue.js";
import { type BusEvidence, type Cause, diagnose, type Setting } from "../../adapters/modbus/diagnosis.js";
import { serialLine } from "../../adapters/modbus/serial-line.js";
import { tcpLine } from "../../adapters/modbus/tcp-line.js";
import type { SerialIc } from "../../adapters/serial-ic/options.js";
import type { Clock } from "../../ports/clock.js";
import type { Identity } from "../../ports/source.js";
import type { OpenLine } from "../../ports/wire-line.js";
import { type Diagnosis, probe } from "../probe.js";
import { type FoundMeter, type ScanOptions, scanBus } from "./bus-scan.js";
import { lookForFirmata } from "./firmata.js";
import { lookForIc } from "./ics.js";

/** Where: a serial port's path, or a host that speaks Modbus TCP, or one with an RTU bus behind it. */
export type Place =
  | { readonly kind: "serial"; readonly path: string }
  | { readonly kind: "tcp" | "rtu-tcp"; readonly host: string; readonly port: number };

export const SORTS = ["any", "board", "ic", "firmata", "modbus"] as const;
export type Sort = (typeof SORTS)[number];

export interface LookOptions {
  readonly clock: Clock;
  readonly sort: Sort;
  readonly depth: ScanOptions["depth"];
  readonly expected: ScanOptions["expected"];
  readonly fuse_w: number;
  readonly tell: (progress: string) => void;
}

export type Finding =
  | { readonly kind: "board"; readonly identity: Identity }
  | { readonly kind: "serial-ic"; readonly ic: SerialIc }
  | { readonly kind: "firmata"; readonly firmware: string; readonly protocol: string }
  | {
      readonly kind: "modbus";
      /** Null: Modbus TCP, or a bus behind a converter. */
      readonly setting: Setting | null;
      readonly meters: readonly FoundMeter[];
      readonly evidence: BusEvidence;
      readonly causes: readonly Cause[];
      readonly cut: boolean;
    }
  | (Extract<Diagnosis, { kind: "refused" }> & {
      /** What the evidence of a silent or garbled bus points to; none where nobody scanned. */
      readonly causes: readonly Cause[];
      readonly evidence: BusEvidence | null;
    });

export function placeName(place: Place): string {
  return place.kind === "serial" ? place.path : `${place.host}:${place.port}`;
}

export async function lookAt(place: Place, options: LookOptions): Promise<Finding> {
  if (place.kind !== "serial") return bus(place, options);
  const { path } = place;
  const { sort, clock, tell } = options;
  const wants = (one: Sort) => sort === "any" || sort === one;
  let refused: Extract<Diagnosis, { kind: "refused" }> | null = null;
  if (wants("board")) {
    tell("is it a board?");
    const found = await probe(path, clock);
    if (found.kind === "board") return found;
    if (!INCONCLUSIVE.includes(found.code) || sort === "board") return refusedFinding(found);
    refused = found;
  }
  let talks = 0;
  if (wants("ic")) {
    tell("is it a metering IC?");
    const found = await lookForIc(path, clock);
    if (found.kind === "ic") return { kind: "serial-ic", ic: found.ic };
    if (found.kind === "talks") talks = found.bytes;
  }
  if (wants("firmata")) {
    tell("is it a second board?");
    const found = await lookForFirmata(path, clock);
    if (found !== null) return { kind: "firmata", ...found };
  }
  if (sort !== "modbus" && (sort !== "any" || talks > 0))
    return refusedFinding(talks > 0 ? talksUnasked(path, talks) : (refused ?? nothing(path)));
  const scanned = await bus(place, options);
  if (scanned.kind !== "modbus" || scanned.meters.length > 0 || scanned.causes[0]?.code !== "silence") return scanned;
  return { ...nothing(path), causes: scanned.causes, evidence: scanned.evidence };
}

/** What a board's silence does not decide. */
const INCONCLUSIVE = ["board-silent", "not-a-board"];

async function bus(place: Place, options: LookOptions): Promise<Finding> {
  const { clock, depth, expected, fuse_w, tell } = options;
  const wired = place.kind !== "tcp";
  const models = [...MODELS.values()];
  const open = (setting: Setting | null) => openerOf(place, setting);
  const only = place.kind === "rtu-tcp" ? BEHIND_A_CONVERTER : null;
  const scanned = await scanBus({ open, wired, only, clock, models, fuse_w, expected, depth, tell });
  if (!scanned.ok) return refusedFinding({ kind: "refused", ...refusalIn(scanned) });
  const { setting, meters, evidence, cut } = scanned;
  return {
    kind: "modbus",
    setting: place.kind === "serial" ? setting : null,
    meters,
    evidence,
    causes: diagnose(evidence),
    cut,
  };
}

/** The converter knows the speed of its bus; here it only says how long to wait. */
const BEHIND_A_CONVERTER: Setting = { baud: 9_600, parity: "none" };

function openerOf(place: Place, setting: Setting | null): OpenLine {
  if (place.kind !== "serial") return tcpLine(place.host, place.port);
  const { baud, parity } = setting ?? { baud: 9_600, parity: "none" as const };
  return serialLine({ path: place.path, baud, parity, stopBits: 1 });
}

function refusalIn({ code, reason, next }: { code: string; reason: string; next: string }) {
  return { code, reason, next };
}

function refusedFinding(found: Extract<Diagnosis, { kind: "refused" }>): Finding {
  return { ...found, causes: [], evidence: null };
}

function nothing(path: string): Extract<Diagnosis, { kind: "refused" }> {
  return {
    kind: "refused",
    code: "board-silent",
    reason: `${path} opens, but nothing answers there: no board, no metering IC, no meter`,
    next: "is the board powered and flashed (hardware/clamp-board.md)? is the meter powered, and both its wires connected?",
  };
}

function talksUnasked(path: string, bytes: number): Extract<Diagnosis, { kind: "refused" }> {
  return {
    kind: "refused",
    code: "not-a-board",
    reason: `something talks at ${path} without being asked, and as nothing that is known here (${bytes} bytes in a second)`,
    next: "is it another device, or a bus on which another program or an inverter asks? a board may have other firmware",
  };
}
