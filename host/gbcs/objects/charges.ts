// Prices on the wire (class 113): whole numbers of 16 bits under one scale for all of them. The state keeps thousandths of a penny, which
// is a price scale of -5, in pounds.

import type { EsmeState, PlannedSection } from "../../ledger/state/state.js";
import type { Planned } from "../../ledger/state/words.js";
import { type Data, i8, octets, u16 } from "../../wire/dlms/data.js";
import { bytesOfHex, fields, fixed, hex, I8, I16, list, mapped } from "../codecs.js";
import type { Codec, Item } from "../item.js";
import { activation, attribute } from "../rows.js";
import { same } from "./forms.js";

/** What a table of charges is of, and the index of each of its entries, in hexadecimal. */
export interface ChargeForm {
  readonly commodityScale: number;
  readonly class: number;
  /** Hexadecimal. */
  readonly logicalName: string;
  readonly attribute: number;
  readonly indices: readonly string[];
}

export interface Charges {
  /** In powers of ten of a pound. */
  readonly priceScale: number;
  readonly charges: readonly number[];
}

/** One charge of no commodity: the standing charge, a debt's recovery. */
export const SINGLE_CHARGE: ChargeForm = {
  commodityScale: 0,
  class: 0,
  logicalName: "000000000000",
  attribute: 0,
  indices: [""],
};

export function charges(form: ChargeForm): Codec<Charges> {
  const count = form.indices.length;
  const names = form.indices.map((digits) => octets(bytesOfHex(digits)));
  /** The place of an index among them; -1 is none of them. */
  const place: Codec<number> = {
    to: (at) => names[at] as Data,
    from: (data) => {
      const digits = hex(1).from(data);
      return digits === undefined ? undefined : form.indices.indexOf(digits);
    },
  };
  const entry = fields({ index: place, charge: I16 });
  return mapped(
    fields({
      scaling: fields({ commodityScale: fixed(i8(form.commodityScale)), priceScale: I8 }),
      reference: fixed({
        type: "structure",
        items: [u16(form.class), octets(bytesOfHex(form.logicalName)), i8(form.attribute)],
      }),
      table: list(entry, count, count),
    }),
    ({ priceScale, charges: numbers }: Charges) => ({
      scaling: { commodityScale: null, priceScale },
      reference: null,
      table: numbers.map((charge, at) => ({ index: at, charge })),
    }),
    ({ scaling, table }): Charges | undefined =>
      table.every(({ index }, at) => index === at)
        ? { priceScale: scaling.priceScale, charges: table.map(({ charge }) => charge) }
        : undefined,
  );
}

const STATE_SCALE = -5;
const COARSEST = 0;
const FINEST = -8;
const MOST = 2 ** 15 - 1;
const MOST_KEPT = 2 ** 31 - 1;

/** The finest scale, from the state's own on, at which every price is a whole number that fits; null: there is none, as for 32.769p
 * beside 0.001p. Such prices come of no message, only of a configuration. */
function scaled(millipence: readonly number[]): Charges | null {
  for (let priceScale = STATE_SCALE; priceScale <= COARSEST; priceScale++) {
    const unit = 10 ** (priceScale - STATE_SCALE);
    if (millipence.every((price) => price % unit === 0 && price / unit <= MOST))
      return { priceScale, charges: millipence.map((price) => price / unit) };
  }
  return null;
}

/** Undefined where a price is below zero, no whole thousandth of a penny, or more than the state keeps. */
function unscaled({ priceScale, charges: numbers }: Charges): readonly number[] | undefined {
  if (priceScale < FINEST || priceScale > COARSEST) return undefined;
  const [times, parts] = priceScale < STATE_SCALE ? [1, 10 ** (STATE_SCALE - priceScale)] : [10 ** (priceScale + 5), 1];
  const millipence = numbers.map((charge) => (charge * times) / parts);
  const kept = (price: number) => Number.isInteger(price) && price >= 0 && price <= MOST_KEPT;
  return millipence.every(kept) ? millipence : undefined;
}

/** The prices of a section: those that hold (attribute 5), those that wait (6), and when these take effect (7). */
export function priceRows<S extends PlannedSection, T extends EsmeState[S]["valueCurrent"]>(
  name: string,
  obis: string,
  section: S,
  form: ChargeForm,
  numbersOf: (prices: T) => readonly number[],
  pricesOf: (millipence: readonly number[]) => T,
): readonly Item[] {
  const codec = charges(form);
  const planned = (state: EsmeState[S]) => state as unknown as Planned<T>;
  return [
    {
      ...attribute(`${name}.valueCurrent`, 113, obis, 5),
      get: ({ state }) => {
        const there = scaled(numbersOf(planned(state[section]).valueCurrent));
        return there && codec.to(there);
      },
      // An answer in a scale that this meter would not use is none of its answers.
      put: (draft, data) => {
        const there = codec.from(data);
        const millipence = there && unscaled(there);
        const again = millipence && scaled(millipence);
        if (!millipence || !again || !same(codec.to(again), data)) return false;
        draft.put(section, { ...draft.section(section), valueCurrent: pricesOf(millipence) } as EsmeState[S]);
        return true;
      },
    },
    {
      ...attribute(`${name}.valueNext`, 113, obis, 6),
      settable: true,
      put: (draft, data) => {
        const there = codec.from(data);
        const millipence = there && unscaled(there);
        if (millipence === undefined) return false;
        draft.put(section, { ...draft.section(section), valueNext: pricesOf(millipence) } as EsmeState[S]);
        return true;
      },
    },
    activation(attribute(`${name}.activateNextDateTime`, 113, obis, 7), section),
  ];
}
