// Runs the items of a command over the table, in order, and stops at the first failure: docs/spec/gbcs.md, "Items". Nothing in here knows
// a use case. Settings that follow each other are one command event of the ledger, so that rules across sections see them together;
// where the ledger refuses them they are given one by one, and the first that it refuses is the failure.

import type { Deed } from "../ledger/commands.js";
import type { Esme } from "../ledger/esme.js";
import type { ClockStep, Notice } from "../ledger/events.js";
import type { Origin } from "../ledger/state/identity.js";
import { turnEsme } from "../ledger/turn-esme.js";
import type { Utc_ms } from "../ledger/units.js";
import { type AccessItem, type AccessResult, RESULTS, rangeOf } from "../wire/dlms/access.js";
import { type Data, NULL } from "../wire/dlms/data.js";
import { momentOf2000 } from "./codecs.js";
import type { Eui } from "./frame.js";
import type { Item, ItemKey, Range } from "./item.js";
import { Draft, type MeterView, viewOf } from "./meter-view.js";
import { isProtectedRead, readProtected, type Seal } from "./protected.js";
import { itemOf } from "./table.js";

export interface Context {
  readonly at: Utc_ms;
  readonly identity: Eui;
  /** Who asks, for the logs. */
  readonly by: string;
  readonly message: Origin;
  /** Encrypts what may be read protected only. */
  readonly seal: Seal;
  /** The item, counted from 1, at which the hardware is to fail; null: none. */
  readonly failItem: number | null;
  /** What that item fails with, where it is not the hardware's fault. */
  readonly failResult?: number;
  /** What the clock's master says now; null: it is the system, or it has not said. */
  readonly masterTime?: Utc_ms | null;
}

export interface Execution {
  readonly esme: Esme;
  readonly notices: readonly Notice[];
  readonly results: readonly AccessResult[];
  /** A command set the meter's clock: the host goes on in the new time. */
  readonly clockSet: ClockStep | null;
}

/** An item and the row of the table that it is about. */
export interface KeyedItem extends AccessItem {
  readonly key: ItemKey;
}

export function execute(esme: Esme, context: Context, items: readonly KeyedItem[]): Execution {
  const run = new Run(esme, context, items);
  for (const index of items.keys()) run.item(index);
  run.flush();
  return run.done();
}

/** What a log without a range answers: all of it. */
const ALL: Range = { from: momentOf2000(0), to: momentOf2000(2 ** 32 - 1) };

class Run {
  #esme: Esme;
  #at: Utc_ms;
  #clockSet: ClockStep | null = null;
  readonly #context: Context;
  readonly #items: readonly KeyedItem[];
  readonly #notices: Notice[] = [];
  readonly #results: AccessResult[];
  /** Settings that wait to be given together, and the items that they are of. */
  #draft: Draft | null = null;
  #waiting: number[] = [];
  #failed = false;
  #viewed: { readonly esme: Esme; readonly view: MeterView } | null = null;

  constructor(esme: Esme, context: Context, items: readonly KeyedItem[]) {
    this.#esme = esme;
    this.#at = context.at;
    this.#context = context;
    this.#items = items;
    this.#results = items.map(({ kind }) => ({ kind, result: RESULTS.success, data: NULL }));
  }

  done(): Execution {
    return { esme: this.#esme, notices: this.#notices, results: this.#results, clockSet: this.#clockSet };
  }

  item(index: number): void {
    const item = this.#items[index] as KeyedItem;
    const fails = this.#context.failItem === index + 1;
    // What is set twice is set twice: a moment of "now" has come before "never" cancels.
    const isAgain = this.#waiting.some((one) => this.#items[one]?.key === item.key);
    if (item.kind !== "set" || fails || isAgain) this.flush();
    if (this.#failed) this.#result(index, RESULTS.otherReason);
    else if (fails) this.#fail(index, this.#context.failResult ?? RESULTS.hardwareFault);
    else this.#try(index, item);
  }

  /** Gives the waiting settings to the ledger. */
  flush(): void {
    const waiting = this.#waiting;
    const draft = this.#draft;
    this.#waiting = [];
    this.#draft = null;
    if (draft === null || this.#give(draft)) return;
    for (const index of waiting) {
      const alone = this.#newDraft();
      if (this.#failed) this.#result(index, RESULTS.otherReason);
      else if (!this.#puts(alone, index) || !this.#give(alone)) this.#fail(index, RESULTS.readWriteDenied);
    }
  }

  #try(index: number, item: KeyedItem): void {
    if (isProtectedRead(item)) this.#read(index, this.#protected(item));
    else if (item.kind === "set") this.#set(index);
    else {
      const row = itemOf(item.key);
      if (row === null) this.#fail(index, RESULTS.objectUndefined);
      else if (item.kind === "action") this.#act(index, row, item.data);
      else this.#get(index, row, item);
    }
  }

  #protected({ data }: AccessItem): Data | null {
    return readProtected(data, this.#view(), this.#context.message.originator, this.#context.seal);
  }

  #get(index: number, row: Item, item: AccessItem): void {
    if (row.get === undefined) return this.#fail(index, RESULTS.readWriteDenied);
    const range = item.selection === null ? ALL : this.#range(item.selection);
    if (range === null || (item.selection !== null && row.log !== true)) return this.#fail(index, RESULTS.otherReason);
    this.#read(index, row.get(this.#view(), range));
  }

  #range({ selector, parameters }: NonNullable<AccessItem["selection"]>): Range | null {
    const range = selector === 1 ? rangeOf(parameters) : null;
    if (range === null || range.from_s > range.to_s) return null;
    return { from: momentOf2000(range.from_s), to: momentOf2000(range.to_s) };
  }

  #read(index: number, data: Data | null): void {
    if (data === null) this.#fail(index, RESULTS.objectUndefined);
    else this.#result(index, RESULTS.success, data);
  }

  #set(index: number): void {
    const draft = this.#draft ?? this.#newDraft();
    const row = itemOf((this.#items[index] as KeyedItem).key);
    if (row?.settable === true && this.#puts(draft, index)) {
      this.#draft = draft;
      this.#waiting.push(index);
      return;
    }
    this.flush();
    if (this.#failed) this.#result(index, RESULTS.otherReason);
    else this.#fail(index, row === null ? RESULTS.objectUndefined : RESULTS.readWriteDenied);
  }

  #puts(draft: Draft, index: number): boolean {
    const { key, data } = this.#items[index] as KeyedItem;
    return itemOf(key)?.put?.(draft, data) === true;
  }

  #act(index: number, row: Item, data: Data): void {
    const draft = this.#newDraft();
    const deeds = row.act?.(draft, data) ?? null;
    const obeyed = deeds !== null && this.#give(draft) && deeds.every((deed) => this.#turn(deed));
    if (!obeyed) this.#fail(index, RESULTS.readWriteDenied);
  }

  /** Whether the ledger obeyed; where it did not, nothing has changed but perhaps a log. */
  #give(draft: Draft): boolean {
    const sections = draft.touched();
    return Object.keys(sections).length === 0 || this.#turn({ kind: "set", sections });
  }

  #turn(deed: Deed): boolean {
    const { by, message, masterTime = null } = this.#context;
    const asked = deed.kind === "set-clock" && masterTime !== null ? { ...deed, masterTime } : deed;
    const turn = turnEsme(this.#esme, { kind: "command", at: this.#at, by, message, deed: asked });
    // Where it was not obeyed, its log may still tell of it.
    this.#esme = turn.esme;
    if (turn.disobeyed !== null) return false;
    this.#notices.push(...turn.notices);
    if (turn.clockSet !== undefined) {
      this.#clockSet = turn.clockSet;
      this.#at = turn.clockSet.at;
    }
    return true;
  }

  /** The meter as it is now: read items that follow each other see the same view. */
  #view(): MeterView {
    if (this.#viewed?.esme !== this.#esme || this.#viewed.view.at !== this.#at) {
      const view = viewOf(this.#esme, this.#at, this.#context.identity);
      this.#viewed = { esme: this.#esme, view };
    }
    return this.#viewed.view;
  }
  #newDraft(): Draft {
    return new Draft({ state: this.#esme.state, live: this.#esme.live, at: this.#at }, false);
  }
  #fail(index: number, result: number): void {
    this.#result(index, result);
    this.#failed = true;
  }
  #result(index: number, result: number, data: Data = NULL): void {
    this.#results[index] = { kind: (this.#items[index] as AccessItem).kind, result, data };
  }
}
