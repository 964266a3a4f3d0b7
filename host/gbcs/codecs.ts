// What values of the state are on the wire: small codecs of which the rows of the table are made. Total from the wire: another form is
// undefined, never a throw. docs/spec/gbcs.md, "Values".

import { assert } from "../ledger/assert.js";
import type { Utc_ms } from "../ledger/units.js";
import { Utc_ms as utc } from "../ledger/units.js";
import {
  bool,
  type Data,
  enumeration,
  i8,
  octets,
  structure,
  type TextType,
  WHOLE,
  type WholeType,
  whole,
} from "../wire/dlms/data.js";
import { decodeDateTime, decodeTime, encodeDateTime, encodeTime } from "../wire/dlms/date-time.js";
import type { Codec } from "./item.js";
import { hexOf, putHex } from "./octets.js";

export { hexOf } from "./octets.js";

/** A whole number of one type; `factor`: one on the wire is so many of the state (a volt is ten tenths), rounded to the nearest. */
export function number(type: WholeType, factor = 1): Codec<number> {
  const { octets: width, signed } = WHOLE[type];
  const [least, most] = signed ? [-(2 ** (8 * width - 1)), 2 ** (8 * width - 1) - 1] : [0, 2 ** (8 * width) - 1];
  return {
    to: (value) => {
      const there = Math.round(value / factor);
      if (!(there >= least && there <= most)) assert(false, `a ${type} holds ${least} to ${most}, not ${there}`);
      return whole(type, there);
    },
    from: (data) => (data.type === type ? data.value * factor : undefined),
  };
}

export const U8 = number("unsigned");
export const U16 = number("long-unsigned");
export const U32 = number("double-long-unsigned");
export const I8 = number("integer");
export const I16 = number("long");
export const I32 = number("double-long");
export const ENUM = number("enum");

export const BOOL: Codec<boolean> = {
  to: bool,
  from: (data) => (data.type === "boolean" ? data.value : undefined),
};

/** Octets that are a text: each octet is the character of that number, so that any octets come back. */
export function text(type: TextType = "octet-string", longest = Number.POSITIVE_INFINITY): Codec<string> {
  return {
    to: (value) => ({ type, bytes: Uint8Array.from(value, (character) => character.charCodeAt(0)) }),
    from: (data) =>
      data.type === type && data.bytes.length <= longest ? String.fromCharCode(...data.bytes) : undefined,
  };
}

/** Octets written as hexadecimal digits. */
export function hex(longest = Number.POSITIVE_INFINITY): Codec<string> {
  return {
    to: (digits) => octets(bytesOfHex(digits)),
    from: (data) => (data.type === "octet-string" && data.bytes.length <= longest ? hexOf(data.bytes) : undefined),
  };
}

/** A bit string of a fixed length, written as hexadecimal digits. */
export function bits(length: number): Codec<string> {
  return {
    to: (digits) => ({ type: "bit-string", bits: length, bytes: bytesOfHex(digits) }),
    from: (data) => (data.type === "bit-string" && data.bits === length ? hexOf(data.bytes) : undefined),
  };
}

/** A bit string of any length, written as 0 and 1. */
export const BITS: Codec<string> = {
  to: (digits) => {
    const bytes = new Uint8Array(Math.ceil(digits.length / 8));
    [...digits].forEach((digit, at) => {
      if (digit === "1") bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (0x80 >> (at & 7));
    });
    return { type: "bit-string", bits: digits.length, bytes };
  },
  from: (data) => {
    if (data.type !== "bit-string" || data.bits > 256) return undefined;
    return Array.from({ length: data.bits }, (_, at) => ((data.bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1).join("");
  },
};

/** A moment as octet-string(12); null is "not specified". */
export const MOMENT: Codec<Utc_ms | null> = {
  to: (at) => octets(encodeDateTime(at === null ? { kind: "never" } : { kind: "moment", utc_ms: at })),
  from: (data) => {
    const time = data.type === "octet-string" ? decodeDateTime(data.bytes) : undefined;
    if (time === undefined || time.kind === "now") return undefined;
    return time.kind === "never" ? null : utc(time.utc_ms);
  },
};

const EPOCH_2000_ms = 946_684_800_000;
export function momentOf2000(seconds: number): Utc_ms {
  return utc(EPOCH_2000_ms + seconds * 1_000);
}
/** Seconds since 2000 as double-long-unsigned: the time of a log (facts 4). */
export const STAMP: Codec<Utc_ms> = {
  to: (at) => U32.to(Math.floor((at - EPOCH_2000_ms) / 1_000)),
  from: (data) => (data.type === "double-long-unsigned" ? momentOf2000(data.value) : undefined),
};

/** A time of the day to the second, "16:00:00", as octet-string(4). */
export const TIME_OF_DAY: Codec<string> = {
  to: (time) => {
    const [hour = 0, minute = 0, second = 0] = time.split(":").map(Number);
    return octets(encodeTime({ hour, minute, second }));
  },
  from: (data) => {
    if (data.type !== "octet-string" || data.bytes[3] !== 0) return undefined;
    const time = decodeTime(data.bytes);
    if (time === undefined) return undefined;
    return [time.hour, time.minute, time.second].map((part) => String(part).padStart(2, "0")).join(":");
  },
};

/** Always the same on the wire; a command that sends another is refused, an answer that has another is not understood. */
export function fixed(data: Data): Codec<null> {
  const same = JSON.stringify(data, plain);
  return { to: () => data, from: (other) => (JSON.stringify(other, plain) === same ? null : undefined) };
}

/** The scaler and unit of a register, the scaler 0 everywhere in GBCS. Units are numbered in Blue Book 4.3.2.2. */
export function scalerUnit(unit: number): Codec<null> {
  return fixed(structure(i8(0), enumeration(unit)));
}
export const UNITS = { W: 27, Wh: 30, varh: 32, none: 255 } as const;

/** The words of a closed list, each a number on the wire. */
export function words<W extends string>(codec: Codec<number>, list: { readonly [word in W]: number }): Codec<W> {
  const entries = Object.entries(list) as [W, number][];
  return {
    to: (word) => codec.to(list[word]),
    from: (data) => {
      const value = codec.from(data);
      return value === undefined ? undefined : entries.find(([, one]) => one === value)?.[0];
    },
  };
}

/** A structure, its fields in this order. Fields of `fixed` have null. */
export function fields<T extends { readonly [name: string]: unknown }>(
  of: {
    readonly [name in keyof T]: Codec<T[name]>;
  },
): Codec<T> {
  const codecs = Object.entries(of) as [keyof T, Codec<unknown>][];
  return {
    to: (value) => ({ type: "structure", items: codecs.map(([name, codec]) => codec.to(value[name])) }),
    from: (data) => {
      if (data.type !== "structure" || data.items.length !== codecs.length) return undefined;
      const value: Partial<T> = {};
      for (const [at, [name, codec]] of codecs.entries()) {
        const one = codec.from(data.items[at] as Data);
        if (one === undefined) return undefined;
        value[name] = one as T[keyof T];
      }
      return value as T;
    },
  };
}

/** An array of `least` to `most` of one kind. */
export function list<T>(of: Codec<T>, most: number, least = 0): Codec<readonly T[]> {
  return {
    to: (values) => ({ type: "array", items: values.map((value) => of.to(value)) }),
    from: (data) => {
      if (data.type !== "array" || data.items.length > most || data.items.length < least) return undefined;
      const values: T[] = [];
      for (const item of data.items) {
        const value = of.from(item);
        if (value === undefined) return undefined;
        values.push(value);
      }
      return values;
    },
  };
}

/** Another value of the state for what `of` holds; undefined from `from` refuses. */
export function mapped<A, B>(of: Codec<A>, to: (value: B) => A, from: (value: A) => B | undefined): Codec<B> {
  return {
    to: (value) => of.to(to(value)),
    from: (data) => {
      const value = of.from(data);
      return value === undefined ? undefined : from(value);
    },
  };
}

export function bytesOfHex(digits: string): Uint8Array {
  const bytes = new Uint8Array(digits.length >> 1);
  putHex(bytes, 0, digits);
  return bytes;
}

function plain(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return hexOf(value);
  return typeof value === "bigint" ? value.toString() : value;
}
