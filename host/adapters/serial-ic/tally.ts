// Energy counted by the host from a chip's wrapping counter: whole counts each way, turned into mWh once, over boots that begin where
// the counters stand. Nothing here rounds twice, and nothing falls.

import type { ChannelCounters } from "../../ports/source.js";
import { floored, type Scale } from "./scales.js";

export class Tally {
  #import = 0;
  #export = 0;
  /** What another scale has counted before. */
  #carried = { import_mwh: 0, export_mwh: 0 };
  #boot: number;
  #base: ChannelCounters;

  constructor(
    boot: number,
    private scale: Scale,
  ) {
    this.#boot = boot;
    this.#base = this.counters;
  }

  get boot(): number {
    return this.#boot;
  }

  get base(): ChannelCounters {
    return this.#base;
  }

  get counters(): ChannelCounters {
    return {
      import_mwh: this.#carried.import_mwh + floored(this.#import, this.scale),
      export_mwh: this.#carried.export_mwh + floored(this.#export, this.scale),
      import_mvarh: null,
      export_mvarh: null,
    };
  }

  /** What flowed, in counts: positive is import. */
  add(counts: number): void {
    if (counts > 0) this.#import += counts;
    else this.#export -= counts;
  }

  /** What comes now is of a chip that began anew: a boot of its own, from where the counters stand. */
  restart(): void {
    this.#boot++;
    this.#base = this.counters;
  }

  /** Another chip with constants of its own. */
  rescale(scale: Scale): void {
    const { import_mwh, export_mwh } = this.counters;
    this.#carried = { import_mwh, export_mwh };
    this.#import = 0;
    this.#export = 0;
    this.scale = scale;
  }
}
