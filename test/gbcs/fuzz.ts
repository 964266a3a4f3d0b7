// Frames for the meter's door: random octets, mutated commands, commands of random items and values under a right MAC; and what must hold
// of each of them and after all of them. Seeded: the same seed gives the same frames.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { documentOf, esmeOf } from "../../host/document/snapshot.js";
import type { Answered, Silent } from "../../host/gbcs/answer.js";
import { USE_CASES, type UseCase } from "../../host/gbcs/use-cases.js";
import type { Esme } from "../../host/ledger/esme.js";
import { turnEsme } from "../../host/ledger/turn-esme.js";
import { cumulativeFromWh, Utc_ms } from "../../host/ledger/units.js";
import { Random } from "../../host/sim/random.js";
import {
  BROKER,
  bodyOf,
  commandOf,
  contentOf,
  type LabCommand,
  type LabItem,
  type LabKeys,
  LOAD_CONTROLLER,
  macked,
  NETWORK_OPERATOR,
  openResponse,
  type Place,
  SUPPLIER,
} from "./laboratory.js";
import { AT, KEYS, METER, meter } from "./laboratory-meter.js";
import { bool, i16, list, struct, text, u8, u16, u32 } from "./laboratory-values.js";
import { brokenSilence, given } from "./laws.js";

export interface Fuzzed {
  readonly frames: number;
  readonly answered: number;
  /** Of those, how many succeeded in all their items. */
  readonly obeyed: number;
  /** What did not hold, the first twenty. */
  readonly broken: readonly string[];
  /** Of the processor, whatever else runs beside. */
  readonly slowest_ms: number;
  /** Of the heap, after its garbage was collected. */
  readonly grown_bytes: number;
}

export type Kind = "random" | "mutated" | "made";

export function fuzz(kind: Kind, seed: number, frames: number): Fuzzed {
  const door: Door = {
    keys: KEYS,
    meter: METER,
    given,
    corpus: COMMANDS.map((one) => commandOf(KEYS, { ...one, meter: METER })),
  };
  return fuzzed(`${kind} frame`, seed, frames, FRAMES[kind], door);
}

/** A meter's door: whose keys it has, and what is well-formed there. */
export interface Door {
  readonly keys: LabKeys;
  readonly meter: string;
  readonly given: (esme: Esme, bytes: Uint8Array) => Answered | Silent;
  readonly corpus: readonly Uint8Array[];
}

export function fuzzed(
  name: string,
  seed: number,
  frames: number,
  make: (random: Random) => Frame,
  door: Door,
): Fuzzed {
  const random = new Random(seed);
  const begun = meter();
  const before = door.corpus.map((bytes) => said(door, begun, bytes));
  const broken: string[] = [];
  const tell = (what: string) => {
    if (broken.length < 20) broken.push(what);
  };
  let esme = begun;
  /** What was accepted is obeyed by another meter, one after another. */
  let wild = begun;
  let [answered, obeyed, slowest_ms, heap] = [0, 0, 0, 0];
  for (let frame = 0; frame < frames; frame++) {
    if (frame === Math.floor(frames / 4)) heap = heap_bytes();
    const { bytes, right } = make(random);
    const named = () => `${name} ${frame} of seed ${seed}: ${hexOf(bytes)}`;
    const began = process.cpuUsage();
    try {
      const done = door.given(esme, bytes);
      slowest_ms = Math.max(slowest_ms, process.cpuUsage(began).user / 1e3);
      if (done.kind === "silent") {
        const fault = brokenSilence(esme, done);
        if (fault !== "") tell(`${fault}: ${named()}`);
        esme = done.esme;
        continue;
      }
      answered++;
      if (!right) tell(`it was answered: ${named()}`);
      const { authentic, results } = openResponse(door.keys, done.bytes);
      if (!authentic) tell(`its answer is not authentic: ${named()}`);
      if (results.every((result) => result === 0)) obeyed++;
      wild = door.given(wild, bytes).esme;
      if (answered % LIVED_EVERY === 0) lived(door, wild);
    } catch (error) {
      tell(`${(error as Error).stack?.split("\n").slice(0, 4).join(" ")}: ${named()}`);
    }
  }
  const grown_bytes = heap_bytes() - heap;
  for (const [at, bytes] of door.corpus.entries())
    if (said(door, esme, bytes) !== before[at]) tell(`command ${at} is answered otherwise afterwards, seed ${seed}`);
  const kept = esmeOf(JSON.parse(JSON.stringify(documentOf(wild, { at: AT, meter: "wild", source: "wild" }))));
  if ("rule" in kept) tell(`the meter that obeyed is none: ${kept.place}: ${kept.rule}, seed ${seed}`);
  return { frames, answered, obeyed, broken, slowest_ms, grown_bytes };
}

const LIVED_EVERY = 50;
const DAY_ms = 86_400_000;

/** What was set, is lived with for 40 days: switches, midnights, activations, a billing date, and then all is asked of it. */
function lived(door: Door, begun: Esme): void {
  let esme = begun;
  for (let hour = 1; hour <= 40 * 24; hour++) {
    const at = Utc_ms(AT + (hour * DAY_ms) / 24);
    const counters = [cumulativeFromWh(hour * 500), cumulativeFromWh(hour * 100), null, null] as const;
    esme = turnEsme(esme, { kind: "reading", at, counters, device: "d", boot: 1, base: null, span: null }).esme;
    const supply = {
      import_w: 4_000 * (hour % 3),
      primary_w: 4_000 * (hour % 3),
      voltages_dv: [2_300, null, null] as const,
    };
    esme = turnEsme(esme, { kind: "supply", at, ...supply }).esme;
  }
  for (const bytes of door.corpus) door.given(esme, bytes);
}

/** An answer, but for a signature, which is another each time. */
function said(door: Door, esme: Esme, bytes: Uint8Array): string {
  const done = door.given(esme, bytes);
  if (done.kind === "silent") return done.code;
  const answer = hexOf(done.bytes);
  return answer.startsWith("dd") ? answer : answer.slice(0, -128);
}

export interface Frame {
  readonly bytes: Uint8Array;
  /** Whether the meter may answer: its MAC is right. */
  readonly right: boolean;
}

const FRAMES: { readonly [K in Kind]: (random: Random) => Frame } = {
  random: (random) => {
    const bytes = someOctets(random, below(random, 300));
    if (below(random, 2) === 0) return { bytes, right: false };
    // With a head that is right, or a MAC, it is looked at for longer.
    const heads = ["dd000000000000", "dd000000000000591100000000df0901", "df0901"];
    if (below(random, 2) === 0) return { bytes: joined(heads[below(random, 3)] ?? "", bytes), right: false };
    return { bytes: macked(KEYS, someHeader(random), hexOf(bytes)), right: true };
  },
  mutated: (random) => {
    const command = { ...pick(random, COMMANDS), meter: METER };
    if (below(random, 2) === 0) {
      const bytes = commandOf(KEYS, command);
      const changed = mutated(random, bytes);
      return { bytes: changed, right: hexOf(changed) === hexOf(bytes) };
    }
    const body = octetsOf(bodyOf(KEYS, command));
    if (below(random, 2) === 0) return { bytes: macked(KEYS, command, hexOf(mutated(random, body))), right: true };
    const content = hexOf(mutated(random, octetsOf(contentOf(command))));
    return { bytes: commandOf(KEYS, { ...command, content }), right: true };
  },
  made: (random) => ({ bytes: commandOf(KEYS, someCommand(random)), right: true }),
};

const VERSION: Place = [1, "0-0:0.2.1.255", 2];
const DAY = [new Date(AT - 86_400_000), new Date(AT)] as const;
/** Well-formed ones, each of another kind. */
const COMMANDS: readonly Omit<LabCommand, "meter">[] = [
  { code: 0x59, originator: SUPPLIER, counter: 1n, items: [{ get: VERSION }] },
  { code: 0x36, originator: NETWORK_OPERATOR, counter: 2n, items: [{ get: [7, "0-0:99.1.1.255", 2], range: DAY }] },
  {
    code: 0x27,
    originator: SUPPLIER,
    counter: 3n,
    items: [{ read: "0-0:43.2.8.255", of: [[1, "0-0:94.44.34.10", 2]] }],
  },
  {
    code: 0x37,
    originator: BROKER,
    counter: 4n,
    items: [{ read: "0-0:43.2.7.255", of: [{ attribute: [7, "0-0:99.1.0.255", 2], range: DAY }] }],
  },
  {
    code: 0x4c,
    originator: SUPPLIER,
    counter: 5n,
    items: [{ set: [1, "0-0:94.44.34.11", 2], data: text("31".repeat(13)) }],
  },
  {
    code: 0x68,
    originator: SUPPLIER,
    counter: 6n,
    items: [{ set: [1, "0-0:94.44.0.4", 2], data: bool(true) }],
    signed: true,
  },
  {
    code: 0x50,
    originator: SUPPLIER,
    counter: 7n,
    items: [{ act: [9, "0-0:10.0.106.255", 1], data: u16(52) }],
    signed: true,
  },
  { code: 0x24, originator: SUPPLIER, counter: 8n, items: [{ act: [7, "0-0:99.98.0.255", 1], data: "0f00" }] },
  ...readsOf("ECS24", SUPPLIER),
  ...readsOf("ECS26a", SUPPLIER),
  ...readsOf("ECS23", NETWORK_OPERATOR),
];

/** All that a use case may read. */
function readsOf(name: string, originator: string): readonly Omit<LabCommand, "meter">[] {
  const useCase = USE_CASES.find((one) => one.name === name);
  const items = (useCase?.reads ?? []).map((key): LabItem => ({ get: placeOf(key) }));
  return [{ code: useCase?.code ?? 0, originator, counter: 9n, items }];
}

const PARTY = {
  supplier: SUPPLIER,
  networkOperator: NETWORK_OPERATOR,
  accessControlBroker: BROKER,
  loadController: LOAD_CONTROLLER,
};

/** Of some use case, by somebody who may, some of its items in some order with values of some form. */
function someCommand(random: Random): LabCommand {
  const useCase = pick(random, USE_CASES);
  const originator = PARTY[pick(random, useCase.roles) as keyof typeof PARTY] ?? SUPPLIER;
  const kinds = [
    ...useCase.reads.map((key) => () => someRead(random, placeOf(key))),
    ...useCase.sets.map((key) => () => ({ set: placeOf(key), data: someValue(random, 0) })),
    ...useCase.acts.map((key) => () => someAction(random, useCase, placeOf(key))),
  ];
  const count = 1 + below(random, kinds.length + 2);
  // Nearly always those that are there, in their order.
  const items =
    below(random, 2) === 0 ? kinds.map((make) => make()) : Array.from({ length: count }, () => pick(random, kinds)());
  const counter = BigInt(1 + below(random, 1_000_000));
  return { code: useCase.code, originator, meter: METER, counter, items, signed: useCase.critical };
}

function someRead(random: Random, get: Place): LabItem {
  const choice = below(random, 8);
  if (choice === 0) return { get, selection: `0${below(random, 4)}${someValue(random, 0)}` };
  if (choice === 1 || get[0] === 7) return { get, range: someRange(random) };
  return { get };
}

function someAction(random: Random, useCase: UseCase, act: Place): LabItem {
  if (act[0] !== 30) return { act, data: pick(random, ["0f00", u16(below(random, 64)), someValue(random, 0)]) };
  const of = useCase.protectedReads.map((key) =>
    below(random, 2) === 0 ? placeOf(key) : { attribute: placeOf(key), range: someRange(random) },
  );
  return { read: act[1], of };
}

function someRange(random: Random): readonly [Date, Date] {
  const moment = () => new Date(AT - 86_400_000 * (below(random, 800) - 100) - 1_000 * below(random, 86_400));
  return [moment(), moment()];
}

const NOW = "0000000000000000008000ff";
const NEVER = "ffffffffffffffffff8000ff";
const SOON = "07ea0602ff000000008000ff";

/** Forms that settings have, and others. */
function someValue(random: Random, depth: number): string {
  const number = pick(random, [0, 1, 2, 7, 100, 255, below(random, 65_536)]);
  const many = (most: number) => Array.from({ length: below(random, most) }, () => someValue(random, depth + 1));
  switch (below(random, depth > 3 ? 7 : 10)) {
    case 0:
      return u8(number & 0xff);
    case 1:
      return u16(number & 0xffff);
    case 2:
      return u32(pick(random, [number, 2 ** 32 - 1, 2 ** 31]));
    case 3:
      return bool(number > 2);
    case 4:
      return text(
        pick(random, [NOW, NEVER, SOON, hexOf(someOctets(random, pick(random, [0, 1, 4, 5, 12, 13, 16, 26, 40])))]),
      );
    case 5:
      return pick(random, ["00", "0f00", `16${hexOf(someOctets(random, 1))}`, "0400", "0a0141", "0c0141"]);
    case 6:
      return i16((number & 0xffff) - 32_768);
    case 7:
      return struct(...many(8));
    case 8: {
      // As many of one form as a list has.
      const one = someValue(random, depth + 1);
      return list(...Array.from({ length: pick(random, [0, 1, 2, 4, 5, 12, 48, 80]) }, () => one));
    }
    default:
      return list(...many(6));
  }
}

/** "3/1-0:2.8.0.255/A2" */
function placeOf(key: string): Place {
  const [of = "", obis = "", index = ""] = key.split("/");
  return [Number(of), obis, Number(index.slice(1))];
}

/** Once to four times: a bit, an octet, some more, some fewer, an end, a piece of another place. */
export function mutated(random: Random, bytes: Uint8Array): Uint8Array {
  let octets = [...bytes];
  for (let times = 1 + below(random, 4); times > 0; times--) {
    const at = below(random, octets.length + 1);
    const some = [...someOctets(random, below(random, 8))];
    const from = below(random, octets.length + 1);
    const changes = [
      () => octets.map((octet, place) => (place === at ? octet ^ (1 << below(random, 8)) : octet)),
      () =>
        octets.map((octet, place) => (place === at ? pick(random, [0, 1, 2, 0x13, 0x7f, 0x80, 0x84, 0xff]) : octet)),
      () => octets.toSpliced(at, 0, ...some),
      () => octets.toSpliced(at, some.length),
      () => octets.slice(0, at),
      () => octets.toSpliced(at, 0, ...octets.slice(from, from + 16)),
    ];
    octets = pick(random, changes)();
  }
  return Uint8Array.from(octets);
}

function someHeader(random: Random): LabCommand {
  return { ...pick(random, COMMANDS), meter: METER };
}

const below = (random: Random, count: number) => Math.floor(random.unit() * count);
const pick = <T>(random: Random, some: readonly T[]): T => some[below(random, some.length)] as T;
const someOctets = (random: Random, count: number) => Uint8Array.from({ length: count }, () => below(random, 256));
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const octetsOf = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));
const joined = (hex: string, bytes: Uint8Array) => octetsOf(hex + hexOf(bytes));

/** What is in use once what is not is gone. */
function heap_bytes(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}
