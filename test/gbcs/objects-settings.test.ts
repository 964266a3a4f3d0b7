// Rows of identity, tariff, prepayment and auxiliary controllers: what the reference messages tell is learnt and told again, octet for
// octet; what commands set reads back; what the state cannot hold is refused.

import { describe, expect, test } from "vitest";
import { type Item, keyOf } from "../../host/gbcs/item.js";
import { Draft, type MeterView } from "../../host/gbcs/meter-view.js";
import { AUXILIARY } from "../../host/gbcs/objects/auxiliary.js";
import { IDENTITY } from "../../host/gbcs/objects/identity.js";
import { PREPAYMENT } from "../../host/gbcs/objects/prepayment.js";
import { TARIFF } from "../../host/gbcs/objects/tariff.js";
import { entriesOf } from "../../host/ledger/log.js";
import { type EsmeState, esmeState, newLive, newState } from "../../host/ledger/state/state.js";
import type { Rate } from "../../host/ledger/state/tariff.js";
import { Utc_ms } from "../../host/ledger/units.js";
import type { Data } from "../../host/wire/dlms/data.js";
import { decodeData } from "../../host/wire/dlms/decode.js";
import { encodeData } from "../../host/wire/dlms/encode.js";
import { reference, WHERE } from "./reference.js";
import { rowsOf } from "./rows-of.js";

const ROWS = new Map<string, Item>(
  [...IDENTITY, ...TARIFF, ...PREPAYMENT, ...AUXILIARY].map((item) => [keyOf(item), item]),
);
const AT = Utc_ms(Date.parse("2015-03-18T10:00:00Z"));
const METER = "00db1234567890a0";
const ALWAYS = { from: Utc_ms(0), to: Utc_ms(Date.parse("2100-01-01T00:00:00Z")) };

const hexOf = (data: Data | null | undefined) => (data == null ? null : Buffer.from(encodeData(data)).toString("hex"));
function data(hex: string): Data {
  const decoded = decodeData(Uint8Array.from(Buffer.from(hex.replace(/\s/g, ""), "hex")));
  if (!decoded.ok) throw new Error("the test's own data is wrong");
  return decoded.value.data;
}
function row(key: string): Item {
  const item = ROWS.get(key);
  if (item === undefined) throw new Error(`there is no row ${key}`);
  return item;
}

/** A meter in pieces: what rows need, and no ledger behind it. */
class Meter {
  state: EsmeState = newState(1);
  constructor(readonly at = AT) {}
  #draft(learning: boolean): Draft {
    return new Draft({ state: this.state, live: newLive(), at: this.at }, learning);
  }
  put(key: string, value: Data, learning = false): boolean {
    const draft = this.#draft(learning);
    const taken = row(key).put?.(draft, value) ?? false;
    if (taken) this.state = { ...this.state, ...draft.touched() };
    return taken;
  }
  learn(key: string, value: Data): boolean {
    return this.put(key, value, true);
  }
  act(key: string, value: Data): unknown {
    const draft = this.#draft(false);
    const deeds = row(key).act?.(draft, value) ?? null;
    if (deeds !== null) this.state = { ...this.state, ...draft.touched() };
    return deeds;
  }
  get(key: string, range = ALWAYS): string | null {
    const view = {
      at: this.at,
      identity: METER,
      state: this.state,
      live: newLive(),
      registers_wh: () => [0, 0, 0, 0],
      secondary_wh: () => null,
      halfHours: () => [],
    } satisfies MeterView;
    return hexOf(row(key).get?.(view, range));
  }
  with(changes: Partial<EsmeState>): this {
    this.state = { ...this.state, ...changes };
    return this;
  }
}

describe.skipIf(reference === null)(`The reference messages (${WHERE} where this is skipped)`, () => {
  const told = reference === null ? [] : rowsOf(reference).filter(({ key }) => ROWS.has(key));

  test("speak of most of these rows", () => {
    expect(told.length).toBeGreaterThan(400);
    expect(new Set(told.map(({ key }) => key)).size).toBeGreaterThan(130);
  });

  test("every value that an answer tells is learnt and told again, octet for octet, and is a state that a snapshot may hold", () => {
    const answers = told.filter(({ way, succeeded }) => way === "get" && succeeded);
    expect(answers.length).toBeGreaterThan(120);
    for (const { message, key, data: value } of answers) {
      const meter = new Meter();
      // This meter's name is not learnt.
      if (key === "1/0-0:96.1.1.255/A2" && !hexOf(value)?.endsWith(METER)) continue;
      expect([message, key, meter.learn(key, value)]).toEqual([message, key, true]);
      expect([message, key, meter.get(key)]).toEqual([message, key, hexOf(value)]);
      expect(esmeState.safeEncode(meter.state).error, `${message} ${key}`).toBeUndefined();
    }
  });

  test("every value that a command sets or a method is given is taken, the older minutes of ECS47 apart", () => {
    for (const { message, key, data: value, way } of told.filter((one) => one.way !== "get")) {
      const meter = new Meter();
      const draft = new Draft({ state: meter.state, live: newLive(), at: AT }, true);
      row(key).learn?.(draft, value);
      meter.with(draft.touched());
      const isOlder = message.startsWith("ECS47A") || message.startsWith("ECS47D");
      const taken = way === "set" ? meter.put(key, value) : meter.act(key, value) !== null;
      expect([message, key, taken]).toEqual([message, key, !(isOlder && way === "set")]);
      expect(esmeState.safeEncode(meter.state).error, `${message} ${key}`).toBeUndefined();
    }
  });

  test("all that is set to be current or next reads as it was set, once it is current", () => {
    const current: { readonly [waiting: string]: string } = {
      "20/0-0:13.0.0.255/A7": "20/0-0:13.0.0.255/A3",
      "20/0-0:13.0.0.255/A8": "20/0-0:13.0.0.255/A4",
      "20/0-0:13.0.0.255/A9": "20/0-0:13.0.0.255/A5",
      "20/0-0:13.0.1.255/A7": "20/0-0:13.0.1.255/A3",
      "20/0-0:13.0.1.255/A8": "20/0-0:13.0.1.255/A4",
      "20/0-0:13.0.1.255/A9": "20/0-0:13.0.1.255/A5",
      "11/0-1:11.0.0.255/A2": "11/0-0:11.0.0.255/A2",
      "11/0-1:11.0.1.255/A2": "11/0-0:11.0.1.255/A2",
      "11/0-1:11.0.2.255/A2": "11/0-0:11.0.2.255/A2",
      "11/0-1:11.0.3.255/A2": "11/0-0:11.0.3.255/A2",
      "10/0-1:12.0.1.255/A2": "10/0-0:12.0.1.255/A2",
      "10/0-1:12.0.2.255/A2": "10/0-0:12.0.2.255/A2",
      "111/0-1:19.0.0.255/A11": "111/0-0:19.0.0.255/A11",
      "113/0-0:19.20.0.255/A6": "113/0-0:19.20.0.255/A5",
      "113/0-0:19.20.4.255/A6": "113/0-0:19.20.4.255/A5",
      "113/0-0:19.20.5.255/A6": "113/0-0:19.20.5.255/A5",
      "9000/0-0:94.44.2.0/A4": "9000/0-0:94.44.2.0/A2",
      "9000/0-0:94.44.2.10/A4": "9000/0-0:94.44.2.10/A2",
      "9000/0-0:94.44.2.20/A4": "9000/0-0:94.44.2.20/A2",
      "9000/0-0:94.44.128.9/A4": "111/0-0:19.0.0.255/A16",
      "9000/0-0:94.44.128.12/A4": "111/0-0:19.0.0.255/A18",
      "9000/0-0:94.44.128.13/A4": "111/0-0:19.0.0.255/A19",
      "9000/0-0:94.44.128.2/A4": "112/0-0:19.10.1.255/A9",
      "9000/0-0:94.44.128.3/A4": "112/0-0:19.10.1.255/A10",
    };
    const seen = new Set<string>();
    for (const { message, key, data: value } of told.filter(({ way }) => way === "set")) {
      const reads = current[key];
      if (reads === undefined) continue;
      seen.add(key);
      const meter = new Meter();
      const draft = new Draft({ state: meter.state, live: newLive(), at: AT }, true);
      row(key).learn?.(draft, value);
      meter.with(draft.touched());
      meter.put(key, value);
      meter.with(activated(meter.state));
      expect([message, key, meter.get(reads)]).toEqual([message, key, hexOf(value)]);
    }
    expect([...Object.keys(current)].filter((key) => !seen.has(key))).toEqual([]);
  });
});

/** Everything that waits has become current. */
function activated(state: EsmeState): Partial<EsmeState> {
  return Object.fromEntries(
    Object.entries(state).map(([name, section]) => {
      const waits = section as { readonly valueNext?: unknown };
      return [name, waits.valueNext == null ? section : { ...section, valueCurrent: waits.valueNext, valueNext: null }];
    }),
  );
}

describe("Payment mode", () => {
  const LIST = "111/0-0:19.0.0.255/A11";
  const NEXT = "111/0-1:19.0.0.255/A11";
  const prepayment = (disabled: boolean, emergency: boolean, variant: "A" | "B") => {
    const planned = <T>(valueCurrent: T) => ({ valueCurrent, valueNext: null, activateNextDateTime: null });
    return new Meter().with({
      meterVariant: { value: variant },
      paymentMode: planned("prepayment" as const),
      suspendDebtDisabled: planned(disabled),
      suspendDebtEmergency: planned(emergency),
    });
  };

  test("each of the five lists is another, and is learnt as what it says, of single and twin meters", () => {
    const lists = new Set<string | null>();
    for (const variant of ["A", "B"] as const) {
      for (const [disabled, emergency] of [
        [false, false],
        [false, true],
        [true, false],
        [true, true],
      ] as const) {
        const list = prepayment(disabled, emergency, variant).get(LIST) ?? "";
        lists.add(list);
        const learnt = new Meter();
        expect(learnt.learn(LIST, data(list))).toBe(true);
        expect(learnt.state.meterVariant.value).toBe(variant);
        expect(learnt.state.paymentMode.valueCurrent).toBe("prepayment");
        expect(learnt.state.suspendDebtDisabled.valueCurrent).toBe(disabled);
        expect(learnt.state.suspendDebtEmergency.valueCurrent).toBe(emergency);
      }
      lists.add(new Meter().with({ meterVariant: { value: variant } }).get(LIST));
    }
    expect(lists.size).toBe(10);
  });

  test("debt that is not collected while disabled, and debt that accumulates in an emergency, each have rows of their own", () => {
    const of = (disabled: boolean, emergency: boolean) => prepayment(disabled, emergency, "A").get(LIST) ?? "";
    const timeDebt = (when: string) => `020309060000130a00ff09060000131401ff0403${when}`;
    for (const either of [false, true]) {
      expect(of(true, either)).toContain(timeDebt("c0"));
      expect(of(false, either)).toContain(timeDebt("e0"));
      expect(of(either, true)).toContain("0000130a02ff");
      expect(of(either, false)).not.toContain("0000130a02ff");
    }
  });

  test("the balances of a read and of a log entry are those that they say", () => {
    const six = (...amounts: number[]) => amounts.map((amount) => `05${amount.toString(16).padStart(8, "0")}`).join("");
    const meter = new Meter();
    expect(meter.learn("1/0-0:94.44.34.30/A2", data(`0206${six(1, 2, 3, 4, 5, 6)}`))).toBe(true);
    const { meterBalance, emergencyCreditBalance, accumulatedDebtRegister, paymentDebtRegister } = meter.state;
    expect([meterBalance, emergencyCreditBalance, accumulatedDebtRegister]).toEqual([
      { value: 1 },
      { value: 2 },
      { value: 3 },
    ]);
    expect([...meter.state.timeDebtRegisters, paymentDebtRegister.value]).toEqual([4, 5, 6]);
    const entry = `0000003c${six(1, 2, 3, 4, 5, 6).replace(/05(.{8})/g, "$1")}`;
    expect(meter.learn("7/0-0:98.1.8.255/A2", data(`13 0207 06 050505050505 1c ${entry}`))).toBe(true);
    expect(entriesOf(meter.state.prepaymentDailyReadLog)).toEqual([
      {
        timestamp: Date.UTC(2000, 0, 1, 0, 1),
        emergencyCreditBalanceValue: 1,
        meterBalanceValue: 2,
        paymentDebtRegisterValue: 3,
        timeDebtRegisters1Value: 4,
        timeDebtRegisters2Value: 5,
        accumulatedDebtRegisterValue: 6,
      },
    ]);
  });

  test("the list of a polyphase meter is that of a single element, and learning it does not change the variant", () => {
    const meter = new Meter().with({ meterVariant: { value: "C" } });
    const list = meter.get(LIST) ?? "";
    expect(list).toBe(new Meter().get(LIST));
    expect(meter.learn(LIST, data(list))).toBe(true);
    expect(meter.state.meterVariant.value).toBe("C");
  });

  test("a list of credit leaves alone whether debt is suspended; one of a twin is refused by a single meter; another list by any", () => {
    const meter = prepayment(true, true, "A");
    const credit = new Meter().get(LIST) ?? "";
    expect(meter.put(NEXT, data(credit))).toBe(true);
    expect(meter.state.paymentMode.valueNext).toBe("credit");
    expect(meter.state.suspendDebtDisabled.valueNext).toBeNull();
    const twin = new Meter().with({ meterVariant: { value: "B" } }).get(LIST) ?? "";
    expect(meter.put(NEXT, data(twin))).toBe(false);
    expect(meter.put(NEXT, data(credit.replace("0403e0", "0403c0")))).toBe(false);
    expect(meter.put(NEXT, data("0100"))).toBe(false);
  });

  test("amounts are added and replaced, and none leaves the range of its type", () => {
    const meter = new Meter();
    expect(meter.act("112/0-0:19.10.0.255/M1", data("05 00124f80"))).toEqual([]);
    expect(meter.act("112/0-0:19.10.0.255/M1", data("05 ffffffff"))).toEqual([]);
    expect(meter.state.meterBalance.value).toBe(1_199_999);
    expect(meter.act("112/0-0:19.10.0.255/M1", data("05 7fffffff"))).toBeNull();
    expect(meter.state.meterBalance.value).toBe(1_199_999);
    expect(meter.act("112/0-0:19.10.0.255/M2", data("05 00000000"))).toEqual([]);
    expect(meter.state.meterBalance.value).toBe(0);
    meter.act("113/0-0:19.20.2.255/M4", data("05 00003a98"));
    expect(meter.state.timeDebtRegisters).toEqual([0, 15_000]);
  });

  test("a debt's next rate holds once it is activated, with the scale that it came in", () => {
    const meter = new Meter();
    const rate = "0203 0202 0f00 0fff 0203 120000 0906000000000000 0f00 0101 0202 0900 100003";
    expect(meter.put("113/0-0:19.20.1.255/A6", data(rate))).toBe(true);
    expect(meter.get("113/0-0:19.20.1.255/A5")).not.toBe(rate.replace(/\s/g, ""));
    expect(meter.act("113/0-0:19.20.1.255/M2", data("0f00"))).toEqual([]);
    expect(meter.get("113/0-0:19.20.1.255/A5")).toBe(rate.replace(/\s/g, ""));
    expect(meter.state.debtRecoveryRates[1]?.amountCurrent).toBe(0);
  });
});

describe("Prices", () => {
  const CURRENT = "113/0-0:19.20.4.255/A5";
  const NEXT = "113/0-0:19.20.4.255/A6";
  const charge = (scale: number, price: number) =>
    data(
      `0203 0202 0f00 0f${(scale & 0xff).toString(16).padStart(2, "0")} 0203 120000 0906000000000000 0f00 ` +
        `0101 0202 0900 10${(price & 0xffff).toString(16).padStart(4, "0")}`,
    );
  const standing = (price: number) =>
    new Meter().with({ standingCharge: { valueCurrent: price, valueNext: null, activateNextDateTime: null } });

  test("are in thousandths of a penny while they fit, and else in the finest scale that is exact", () => {
    expect(standing(32_767).get(CURRENT)).toBe(hexOf(charge(-5, 32_767)));
    expect(standing(61_640).get(CURRENT)).toBe(hexOf(charge(-4, 6_164)));
    expect(standing(1_000_000).get(CURRENT)).toBe(hexOf(charge(-3, 10_000)));
    expect(standing(32_769).get(CURRENT)).toBeNull();
  });

  test("a price set under any scale is kept exactly, or not at all", () => {
    const kept = (scale: number, price: number) => {
      const meter = new Meter();
      return meter.put(NEXT, charge(scale, price)) ? meter.state.standingCharge.valueNext : null;
    };
    expect(kept(-5, 20_000)).toBe(20_000);
    expect(kept(-2, 25)).toBe(25_000);
    expect(kept(0, 1)).toBe(100_000);
    expect(kept(-7, 20_100)).toBe(201);
    expect(kept(-7, 20_101)).toBeNull();
    expect(kept(1, 1)).toBeNull();
    expect(kept(-9, 0)).toBeNull();
    expect(kept(-5, -1)).toBeNull();
  });

  test("an answer in a scale that this meter would not use is not learnt", () => {
    expect(new Meter().learn(CURRENT, charge(-5, 500))).toBe(true);
    expect(new Meter().learn(CURRENT, charge(-4, 500))).toBe(false);
    expect(new Meter().learn(CURRENT, charge(-4, 6_164))).toBe(true);
  });

  test("each of the 80 places of the matrix is another price: 48 times of use, then block by block of eight", () => {
    const matrix = (at: number) => {
      const places = Array.from({ length: 80 }, (_, place) => {
        const name = place < 48 ? place + 1 : (10 + Math.floor((place - 48) / 8)) * 16 + ((place - 48) % 8) + 1;
        return `0202 0901${name.toString(16).padStart(2, "0")} 10${place === at ? "0007" : "0000"}`;
      });
      return data(`0203 0202 0f03 0ffb 0203 120003 09060100010800ff 0f02 0150 ${places.join("")}`);
    };
    for (let at = 0; at < 80; at++) {
      const meter = new Meter();
      expect(meter.put("113/0-0:19.20.0.255/A6", matrix(at))).toBe(true);
      const { tou, block } = meter.state.tariffBlockPriceMatrixTOU.valueNext ?? { tou: [], block: [] };
      const price = at < 48 ? tou[at] : block[(at - 48) % 8]?.[Math.floor((at - 48) / 8)];
      expect(price).toBe(7);
      expect([...tou, ...block.flat()].filter((one) => one !== 0)).toEqual([7]);
    }
  });
});

describe("The switching table", () => {
  const selector = (value: number) =>
    data(`0101 0202 1101 0101 0203 0904 06000000 0906 00000a0064ff 12${value.toString(16).padStart(4, "0")}`);
  const rateOf = (meter: Meter): Rate | undefined =>
    meter.state.tariffSwitchingTable.valueCurrent.dayIdentifiers[0]?.times[0]?.tariffRateIdentifier;

  test("script selectors 1 to 48 and 101 to 108 are rates of the primary element, and no others are", () => {
    const taken: number[] = [];
    for (let value = 0; value < 300; value++) {
      const meter = new Meter();
      if (!meter.learn("20/0-0:13.0.0.255/A5", selector(value))) continue;
      taken.push(value);
      expect(rateOf(meter)).toEqual(value > 100 ? { kind: "block", tou: value - 100 } : { kind: "tou", tou: value });
    }
    expect(taken).toEqual([...Array.from({ length: 48 }, (_, at) => at + 1), 101, 102, 103, 104, 105, 106, 107, 108]);
  });

  test("the secondary element's rates are 201 to 204, and what tells them makes the meter a twin", () => {
    const meter = new Meter();
    expect(meter.get("20/0-0:13.0.1.255/A5")).toBeNull();
    expect(meter.put("20/0-0:13.0.1.255/A9", selector(201))).toBe(false);
    expect(meter.learn("20/0-0:13.0.1.255/A5", selector(204))).toBe(true);
    expect(meter.state.meterVariant.value).toBe("B");
    expect(meter.get("20/0-0:13.0.1.255/A5")).toBe(hexOf(selector(204)));
    expect(meter.learn("20/0-0:13.0.1.255/A5", selector(205))).toBe(false);
    expect(meter.learn("20/0-0:13.0.1.255/A5", selector(1))).toBe(false);
  });

  test("special days are numbered from 1, and may come every year", () => {
    const days = (first: number) =>
      data(`0102 0203 12000${first} 0905 07df0501ff 1102 0203 12000${first + 1} 0905 ffff0c19ff 1103`);
    const meter = new Meter();
    expect(meter.learn("11/0-0:11.0.0.255/A2", days(1))).toBe(true);
    expect(meter.state.tariffSwitchingTableSpecialDays.valueCurrent).toEqual([
      { date: { year: 2015, month: 5, dayOfMonth: 1 }, dayIdentifier: 2 },
      { date: { year: null, month: 12, dayOfMonth: 25 }, dayIdentifier: 3 },
    ]);
    expect(meter.learn("11/0-0:11.0.0.255/A2", days(2))).toBe(false);
  });

  test("thresholds that are left out, or FFFFFFFF, are no blocks; three are always told", () => {
    const meter = new Meter();
    expect(meter.put("21/0-0:16.1.12.255/A2", data("0101 06 00002710"))).toBe(true);
    expect(meter.state.tariffThresholdMatrix.valueNext?.[1]).toEqual([10_000, null, null]);
    expect(meter.learn("21/0-0:16.0.12.255/A2", data("0101 06 00002710"))).toBe(false);
    expect(meter.get("21/0-0:16.0.12.255/A2")).toBe("0103".concat("06ffffffff".repeat(3)));
  });
});

describe("The billing calendar", () => {
  const KEY = "22/0-0:15.0.0.255/A4";
  const pattern = (time: string, ...dates: string[]) =>
    data(
      `01${dates.length.toString(16).padStart(2, "0")}${dates.map((date) => `02020904${time}0905${date}`).join("")}`,
    );
  const set = (value: Data) => {
    const meter = new Meter();
    expect(meter.put(KEY, value)).toBe(true);
    expect(meter.get(KEY)).toBe(hexOf(value));
    const { startDateTime, periodicity } = meter.state.billingCalendar;
    return [periodicity, startDateTime === null ? null : new Date(startDateTime).toISOString()];
  };

  test("begins at the last moment of its first entry, and tells its pattern again", () => {
    expect(set(pattern("0c000000", "ffffff01ff"))).toEqual(["monthly", "2015-03-01T12:00:00.000Z"]);
    expect(set(pattern("0c000000", "ffffffffff"))).toEqual(["daily", "2015-03-17T12:00:00.000Z"]);
    expect(set(pattern("00000000", "ffffffff02"))).toEqual(["weekly", "2015-03-17T00:00:00.000Z"]);
    expect(set(pattern("00000000", "ffffffff07"))).toEqual(["weekly", "2015-03-15T00:00:00.000Z"]);
    expect(set(pattern("00000000", "ffff0215ff", "ffff0515ff", "ffff0815ff", "ffff0b15ff"))).toEqual([
      "quarterly",
      "2015-02-21T00:00:00.000Z",
    ]);
    expect(set(pattern("00000000", "ffff0401ff", "ffff0701ff", "ffff0a01ff", "ffff0101ff"))).toEqual([
      "quarterly",
      "2014-04-01T00:00:00.000Z",
    ]);
    expect(set(pattern("00000000", "ffff0312ff", "ffff0912ff"))).toEqual(["six-monthly", "2015-03-18T00:00:00.000Z"]);
    expect(set(pattern("0b000000", "ffff0312ff"))).toEqual(["yearly", "2014-03-18T11:00:00.000Z"]);
    expect(set(data("0100"))).toEqual(["monthly", null]);
  });

  test("dates that are no such pattern are refused", () => {
    const refused = [
      pattern("00000000", "07df0101ff"),
      pattern("00000000", "ffff0101ff", "ffff0301ff"),
      pattern("00000000", "ffff0101ff", "ffff0401ff", "ffff0701ff"),
      pattern("00000000", "ffffff00ff"),
      pattern("00000000", "ffff0d01ff"),
      pattern("00000032", "ffffff01ff"),
      pattern("18000000", "ffffff01ff"),
      pattern("00000000", "ffffff0102"),
      data("0101 0900"),
      data("0900"),
    ];
    for (const value of refused) expect(new Meter().put(KEY, value)).toBe(false);
  });
});

describe("Identity", () => {
  test("a mask of alert settings changes what it covers and nothing else", () => {
    const meter = new Meter();
    const read = (octets: string) => `04820100${octets}`;
    const half = (first: string) => first.padEnd(64, "0");
    expect(meter.learn("1/0-30:97.98.15.255/A2", data(read("f0".repeat(32))))).toBe(true);
    expect(
      meter.put("1/0-30:97.98.11.255/A2", data(`04820200${half("ffff0f")}${half("12340f").replace(/0$/, "1")}`)),
    ).toBe(true);
    expect(meter.get("1/0-30:97.98.15.255/A2")).toBe(read(`1234ff${"f0".repeat(29)}`));
    expect(meter.get("1/0-30:97.98.17.255/A2")).toBe(read("00".repeat(32)));
  });

  test("MPANs are 13 characters for each; none is an empty string", () => {
    const meter = new Meter();
    const KEY = "1/0-0:94.44.34.11/A2";
    const mpans = (digits: string) =>
      data(`09${digits.length.toString(16).padStart(2, "0")}${Buffer.from(digits).toString("hex")}`);
    expect(meter.get(KEY)).toBe("0900");
    expect(meter.put(KEY, mpans("11234567811111123456782222"))).toBe(true);
    expect(meter.state.meterPointAdministrationNumber.importMPAN).toBe("1123456781111");
    expect(meter.state.meterPointAdministrationNumber.secondaryImportMPAN).toBe("1123456782222");
    expect(meter.put(KEY, mpans("1123456781111"))).toBe(true);
    expect(meter.state.meterPointAdministrationNumber.secondaryImportMPAN).toBeNull();
    expect(meter.put(KEY, mpans("112345678111111234567822223"))).toBe(false);
    expect(meter.put("1/1-0:0.0.2.255/A2", mpans("1123456783333"))).toBe(true);
    expect(meter.put(KEY, data("0900"))).toBe(true);
    expect(meter.state.meterPointAdministrationNumber).toEqual({
      importMPAN: null,
      secondaryImportMPAN: null,
      exportMPAN: "1123456783333",
    });
  });

  test("the meter tells the name that it answers under", () => {
    expect(new Meter().get("1/0-0:96.1.1.255/A2")).toBe(`0908${METER}`);
  });
});

describe("Auxiliary controllers", () => {
  test("a commanded state goes to the controller whose number it carries", () => {
    const meter = new Meter();
    expect(meter.act("9/0-0:10.0.103.255/M1", data("12 1564"))).toEqual([]);
    expect(meter.act("9/0-0:10.0.107.255/M1", data("12 2332"))).toEqual([]);
    expect(meter.act("9/0-0:10.0.103.255/M1", data("12 1000"))).toBeNull();
    expect(meter.act("9/0-0:10.0.103.255/M1", data("12 1600"))).toBeNull();
    expect(meter.state.auxiliaryController.map(({ commandedState }) => commandedState)).toEqual([
      null,
      null,
      null,
      null,
      0x1564,
    ]);
    expect(meter.state.auxiliaryController.map(({ commandedLimit }) => commandedLimit)).toEqual([
      null,
      null,
      0x2332,
      null,
      null,
    ]);
  });

  test("a log is told within its range, both ends included", () => {
    const meter = new Meter();
    const KEY = "7/0-0:99.98.20.255/A2";
    const log = data("13 02 02 06 06 10 00000000 00000001 0000003c 0000003d");
    expect(meter.learn(KEY, log)).toBe(true);
    expect(entriesOf(meter.state.boostFunctionEventLog).length).toBe(2);
    const at = Utc_ms(Date.UTC(2000, 0, 1, 0, 1));
    expect(meter.get(KEY, { from: at, to: at })).toBe("1302020606080000003c0000003d");
    expect(meter.get(KEY, { from: Utc_ms(at + 1), to: Utc_ms(at + 2) })).toBe("130202060600");
  });
});

test("No row throws at data of another form, and none of it changes the meter", () => {
  const plain = ["00", "0100", "0200", "0101 00", "0300", "0400", "0500000000", "0600000000", "0900", "0901ff"];
  const others = ["0a00", "0c00", "0f01", "100001", "1107", "12ffff", "1607", "1302020606 00", "0203 00 00 00"];
  const nested = ["0101 0203 1100 1100 1100", "0101 0202 0904 ffffffff 0905 ffffffffff", "0202 1603 1602"];
  for (const item of ROWS.values())
    for (const hex of [...plain, ...others, ...nested]) {
      const meter = new Meter();
      const before = meter.state;
      if (item.put !== undefined && !meter.put(keyOf(item), data(hex))) expect(meter.state).toBe(before);
      if (item.put !== undefined) meter.learn(keyOf(item), data(hex));
      if (item.act !== undefined) meter.act(keyOf(item), data(hex));
      if (item.get !== undefined) meter.get(keyOf(item));
      if (meter.state !== before)
        expect(esmeState.safeEncode(meter.state).error, `${keyOf(item)} ${hex}`).toBeUndefined();
    }
});
