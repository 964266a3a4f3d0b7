// What ails a bus: from what came back to what was asked, to causes, the likeliest first, each with its reason and what to do next.
// The table is docs/spec/doctor.md, "Evidence and what it points to". Knows no port and no clock.

import type { Parity } from "../../models/model.js";

export interface Setting {
  readonly baud: number;
  readonly parity: Parity;
}

/** Questions of one kind, and what became of them. */
export interface Tally {
  readonly asked: number;
  /** Frames that were answers, exceptions among them. */
  readonly answered: number;
  readonly silent: number;
  /** Bytes came, and no frame among them. */
  readonly damaged: number;
  /** Of the damaged, those of one or two bytes, each 0x00 or 0xFF. */
  readonly breaks: number;
  /** More bytes than one answer has, however good. */
  readonly overlong: number;
  /** The question itself came back first. */
  readonly echoes: number;
  readonly exceptions: readonly number[];
  /** Later than the meter's table promises. */
  readonly late: number;
}

export const NO_TALLY: Tally = {
  asked: 0,
  answered: 0,
  silent: 0,
  damaged: 0,
  breaks: 0,
  overlong: 0,
  echoes: 0,
  exceptions: [],
  late: 0,
};

export function sumOf(tallies: readonly Tally[]): Tally {
  return tallies.reduce((all, one) => {
    const exceptions = [...all.exceptions, ...one.exceptions];
    const keys = ["asked", "answered", "silent", "damaged", "breaks", "overlong", "echoes", "late"] as const;
    const counts = Object.fromEntries(keys.map((key) => [key, all[key] + one[key]])) as Omit<Tally, "exceptions">;
    return { ...counts, exceptions };
  }, NO_TALLY);
}

export interface AddressEvidence {
  readonly unit: number;
  /** Whether esme.yaml says that there is a meter. */
  readonly expected: boolean;
  /** Whether a table fits what it says; null where it was not asked, or never answered. */
  readonly believable: boolean | null;
  readonly short: Tally;
  readonly long: Tally;
}

export interface BusEvidence {
  /** False of Modbus TCP: no wire that could be sick. */
  readonly wired: boolean;
  /** What esme.yaml says of the port. */
  readonly expected: Setting | null;
  /** At which setting frames came; or, where none came anywhere, bytes. */
  readonly found: Setting | null;
  readonly settings: readonly { readonly setting: Setting; readonly tally: Tally }[];
  /** Addresses at which anything was heard, and those expected. */
  readonly addresses: readonly AddressEvidence[];
}

export type CauseCode =
  | "echo"
  | "silence"
  | "polarity"
  | "speed"
  | "parity"
  | "address"
  | "address-clash"
  | "noise"
  | "meter"
  | "slow"
  | "unknown-model"
  | "dead-meter"
  | "loose";

export interface Cause {
  readonly code: CauseCode;
  /** The address that it is about; null: the whole bus. */
  readonly unit: number | null;
  readonly reason: string;
  readonly next: string;
}

/** The likeliest first; none where all is well. */
export function diagnose(evidence: BusEvidence): readonly Cause[] {
  const all = sumOf(evidence.settings.map(({ tally }) => tally));
  const heard = evidence.addresses.some(({ short, long }) => short.answered + long.answered > 0);
  if (!heard && all.answered === 0) return nothingValid(evidence, all);
  return [
    wrongSetting(evidence),
    ...evidence.addresses.map((one) => ofAddress(one, evidence)),
    all.echoes > 0 ? [cause("echo")] : [],
  ]
    .filter((causes) => causes.length > 0)
    .sort((one, other) => gravity(one) - gravity(other))
    .flat();
}

function gravity([first]: readonly Cause[]): number {
  return first === undefined ? GRAVITY.length : GRAVITY.indexOf(first.code);
}

/** What explains other findings stands before them; what one address shows stays together. */
const GRAVITY: readonly CauseCode[] = [
  "silence",
  "polarity",
  "speed",
  "parity",
  "address-clash",
  "noise",
  "meter",
  "slow",
  "dead-meter",
  "unknown-model",
  "loose",
  "address",
  "echo",
];

function nothingValid({ wired, settings, addresses }: BusEvidence, all: Tally): readonly Cause[] {
  if (!wired) return [cause("silence", null, TCP_SILENCE), cause("address")];
  const echo = all.echoes > 0 ? [cause("echo")] : [];
  if (all.damaged === 0) return [cause("silence"), cause("polarity", null, BIASED), cause("address"), ...echo, SPEED];
  if (all.breaks >= all.damaged / 2) return [cause("polarity"), SPEED, ...echo];
  const garbled = settings.filter(({ tally }) => tally.damaged > tally.breaks).map(({ setting }) => setting.baud);
  // It understood the question at this speed and at no other: the speed is right.
  if (new Set(garbled).size === 1) {
    const found = addresses.flatMap((one) => ofAddress(one, { addresses }));
    if (found.length > 0) return [...found, ...echo];
  }
  return [SPEED, cause("polarity"), cause("noise"), ...echo];
}

function wrongSetting({ expected, found }: BusEvidence): readonly Cause[] {
  if (expected === null || found === null) return [];
  const said = `esme.yaml says ${inWords(expected)}; frames come at ${inWords(found)}`;
  const next = `write speed: ${found.baud} and parity: ${found.parity} in esme.yaml, or set the meters so`;
  if (expected.baud !== found.baud) return [{ code: "speed", unit: null, reason: said, next }];
  if (expected.parity !== found.parity) return [{ code: "parity", unit: null, reason: said, next }];
  return [];
}

/** A damaged share that says something. */
const MANY = 3;
const GROWS = 1.5;

function ofAddress(one: AddressEvidence, { addresses }: Pick<BusEvidence, "addresses">): readonly Cause[] {
  const { unit, short, long } = one;
  const both = sumOf([short, long]);
  if (both.asked === 0) return [];
  if (both.answered === 0 && both.damaged === 0) return [cause(one.expected ? "dead-meter" : "loose", unit)];
  if (both.overlong >= Math.max(MANY, both.asked / 4))
    return long.answered <= long.asked / 2
      ? [cause("address-clash", unit), cause("noise", unit)]
      : [cause("address-clash", unit)];
  const found: Cause[] = [];
  if (both.damaged >= MANY) found.push(...damaged(one, addresses));
  if (both.late >= Math.max(MANY, both.answered / 4)) found.push(cause("slow", unit));
  const failing = both.exceptions.filter((code) => FAILING.includes(code));
  if (failing.length >= Math.max(MANY, both.answered / 4)) found.push(cause("meter", unit, FAILS));
  if (found.length > 0) return found;
  if (one.believable === false) return [cause("unknown-model", unit)];
  return both.silent >= MANY ? [cause("loose", unit)] : [];
}

/** Modbus exceptions: device failure, busy, a gateway that has no way to its meter, or no answer from it. */
const FAILING = [4, 6, 10, 11];

function damaged({ unit, short, long }: AddressEvidence, addresses: readonly AddressEvidence[]): readonly Cause[] {
  const grows = long.damaged >= MANY && damagedShare(long) >= GROWS * damagedShare(short);
  if (grows) return [cause("noise", unit)];
  const alike = addresses.filter((other) => other.unit !== unit && other.short.damaged + other.long.damaged >= MANY);
  if (alike.length > 0) return [cause("noise", unit, BURSTS)];
  // Twins that answer in step damage each other and are no longer than one.
  const twins = damagedShare(short) >= 0.5 ? [cause("address-clash", unit, TWINS)] : [];
  return [cause("meter", unit, DAMAGES), ...twins, cause("noise", unit)];
}

function damagedShare({ asked, damaged }: Tally): number {
  return asked === 0 ? 0 : damaged / asked;
}

function inWords({ baud, parity }: Setting): string {
  return `${baud} baud, parity ${parity}`;
}

interface Words {
  readonly reason: string;
  readonly next: string;
}

const WORDS: { readonly [code in CauseCode]: Words } = {
  echo: {
    reason: "each question comes back by itself: the adapter hears what it sends",
    next: "nothing need be done, echoes are taken off; switch the adapter's local echo off if it can be",
  },
  silence: {
    reason: "not one byte came back at any speed: the meter has no power, its cable is not connected, or it is dead",
    next: "look at the meter's display, then at both wires at both ends; then change A and B",
  },
  polarity: {
    reason: "only breaks come back (a byte of zeros now and then, never a frame): A and B are swapped",
    next: "change the two wires at the adapter; makers do not agree which of them is A",
  },
  speed: {
    reason: "bytes come back, and at no speed or parity that was tried are they a frame",
    next: "read speed and parity in the meter's own menu, or try `esme doctor --scan full`",
  },
  parity: { reason: "the parity is another", next: "write the meter's parity in esme.yaml" },
  address: {
    reason: "the meter may have an address that was not asked",
    next: "read it in the meter's own menu, or try `esme doctor --scan full`",
  },
  "address-clash": {
    reason: "more than one answer comes back to one question: two meters have the same address",
    next: "disconnect one of them, and give it another address by its own menu",
  },
  noise: {
    reason: "long answers are damaged far more often than short ones: interference, or a bus that reflects",
    next: "120 ohm at both ends of the bus and nowhere else, a twisted pair with a common wire, away from mains cables; or a lower speed",
  },
  meter: { reason: "", next: "switch the meter off and on again; put another in its place to be sure" },
  slow: {
    reason: "its answers begin later than its maker promises",
    next: "a converter or radio link between adds time: look for its settings; on a bus of its own it disturbs no other meter",
  },
  "unknown-model": {
    reason: "it answers, and no table fits what it says",
    next: "`esme meters` lists the tables; docs/guides/new-meter.md says how to add one",
  },
  "dead-meter": {
    reason: "esme.yaml has a meter there, and it is silent while others answer",
    next: "look whether it has power, at its own two wires, and at the address in its menu",
  },
  loose: {
    reason: "now and then it does not answer; all that it answers is right",
    next: "look for a loose wire; if there is none, read it less often (`every`)",
  },
};

const TCP_SILENCE: Words = {
  reason: "the host takes the connection, and answers no question by Modbus TCP",
  next: "is it a converter with RTU over TCP? then write rtu_tcp in esme.yaml; else look for its unit number",
};
const BIASED: Words = {
  reason: "or A and B are swapped: an adapter whose idle line is held by resistors hears nothing then",
  next: "change the two wires at the adapter and ask again",
};
const DAMAGES: Words = {
  reason: "its short and its long answers are damaged alike: it, or its own connection, damages them",
  next: "switch it off and on again, look at its terminals; put another in its place to be sure",
};
const TWINS: Words = {
  reason: "or two meters of one kind have this address and answer at the same moment",
  next: "disconnect the others one by one: if it answers well alone, give it another address",
};
const BURSTS: Words = {
  reason: "short and long answers of several meters are damaged alike: bursts of interference, or the adapter",
  next: "look what switches near the cable; try another adapter, and another USB port",
};
const FAILS: Words = {
  reason: "it says itself that it failed, is busy, or (a gateway) that its meter does not answer",
  next: "switch it off and on again; behind a gateway look at the meter and its wires",
};
const SPEED: Cause = { ...cause("speed"), reason: "or the speed or parity is one that was not tried" };

function cause(code: CauseCode, unit: number | null = null, words: Words = WORDS[code]): Cause {
  return { code, unit, ...words };
}
