// A maker's type of meter as data: one file each in host/models/meters/, found by being there. docs/spec/meters.md is made of them.

import type { Quantity, UnitOf } from "./quantities.js";
import type { ReadFunction, Row } from "./rows.js";

export type Parity = "none" | "even" | "odd";

export interface Model {
  /** How `esme.yaml` names it: lower-case letters, digits and hyphens; the name of its file. */
  readonly model: string;
  readonly maker: string;
  /** The maker's own name of it. */
  readonly title: string;
  /** The maker's documents, with version and section; or the two independent public sources that agree. */
  readonly sources: readonly string[];
  readonly phases: 1 | 2 | 3;
  /** `both`: it tells import from export. `none`: it counts everything that flows, whichever way. `generation`: an inverter's own count. */
  readonly direction: "both" | "none" | "generation";
  /** How it makes one flow of its phases: by their sum, by the sum of each direction, or of magnitudes. Null: one phase, or not known. */
  readonly netting: "algebraic" | "per-phase" | "absolute" | null;
  readonly bus: {
    /** Baud; the maker's default first. */
    readonly speeds: readonly number[];
    /** The default first. */
    readonly parities: readonly Parity[];
    readonly stopBits: 1 | 2;
    /** 1..247: as it leaves the works. */
    readonly address: number;
    /** The unit at a TCP port, where it speaks Modbus TCP itself. */
    readonly tcpUnit?: number;
  };
  readonly pace: {
    /** Silence the meter wants between an answer and the next question, ms; 0: the 3.5 characters of Modbus. */
    readonly pause_ms: number;
    /** Words a read may ask for, 1..125. */
    readonly mostWords: number;
    /** Whether a read may pass over addresses without a row; where not, each read stays within rows that touch. */
    readonly mayReadGaps: boolean;
    /** The slowest answer seen or promised, from the end of the question to the beginning of the answer, ms. */
    readonly answer_ms: number;
  };
  /** Where its table begins: fixed, or found by walking the SunSpec chain to the first of these model ids. */
  readonly base: { readonly kind: "fixed" } | { readonly kind: "sunspec"; readonly ids: readonly number[] };
  /** What tells this model from another; empty where nothing does. */
  readonly identity: readonly IdentityMark[];
  /** Settings without which it does not tell import from export; none where it always does. */
  readonly settings?: readonly NeededSetting[];
  /** Where its serial number stands; null where it cannot be read. */
  readonly serial: SerialNumber | null;
  /** Where its energy counters begin again, kWh; null where nobody would live to see it. */
  readonly wraps_kwh: number | null;
  /** The finest step of its energy counters, Wh: what its registers may be off by. A float's own step may be coarser. */
  readonly resolution_wh: number;
  readonly points: { readonly [Q in Quantity]?: Row<UnitOf<Q>> };
  /** A question and its answer as they go over the wire, hex with spaces, address and CRC included, and what they say. */
  readonly golden: {
    readonly source: string;
    readonly question: string;
    readonly answer: string;
    /** In the unit of each row. */
    readonly says: { readonly [Q in Quantity]?: number };
  };
  /** What its owner ought to know, one sentence each. */
  readonly notes: readonly string[];
}

/** These words say so, all of them: `words` exactly, or an ASCII text that begins so. */
export interface IdentityMark {
  readonly function: ReadFunction;
  readonly address: number;
  readonly expect:
    | { readonly words: readonly (readonly number[])[] }
    | { readonly ascii: string; readonly length: number };
}

/** A word that says how the meter is set. With any other, all it counts is import; a meter that does not know the word is believed. */
export interface NeededSetting {
  readonly function: ReadFunction;
  readonly address: number;
  /** The words with which it has direction. */
  readonly is: readonly number[];
  /** What is the matter where it says another: a clause. */
  readonly otherwise: string;
}

export interface SerialNumber {
  readonly function: ReadFunction;
  readonly address: number;
  readonly words: number;
  readonly as: "u32-high-first" | "u32-low-first" | "ascii";
}

/** A model of a table: a row whose unit is not one of its quantity's does not compile. */
export function model(of: Model): Model {
  return of;
}
