// A metering IC where the clamp board has its front end: on the SPI bus, watching the house through its parts.
import type { ChannelCalibration } from "../../wire/board/messages.js";
import type { World } from "../mains.js";
import { Random } from "../random.js";
import { Ade7953 } from "./ade7953.js";
import { Atm90e32 } from "./atm90e32.js";
import { MeteredWorld } from "./metered-world.js";
import { calibrationOf, type Parts } from "./parts.js";
import { SpiBus } from "./spi-device.js";

export type IcKind = "atm90e32" | "ade7953";

export class MeteringIc {
  readonly chip: Atm90e32 | Ade7953;
  readonly bus: SpiBus;
  /** The house as the board must see it: whoever moves it on, the IC counts. */
  readonly world: MeteredWorld;
  readonly #random: Random;
  #powered = true;

  constructor(
    kind: IcKind,
    world: World,
    private readonly parts: Parts,
    seed: number,
  ) {
    const chip = kind === "atm90e32" ? new Atm90e32(parts) : new Ade7953(parts);
    this.chip = chip;
    this.world = new MeteredWorld(world, (cycle, seconds) => {
      if (this.#powered) chip.flow(cycle, seconds);
    });
    this.bus = new SpiBus({
      select: (low, time_s) => {
        if (low) this.world.advance(time_s);
        chip.select(low);
      },
      transfer: (byte, mode) => chip.transfer(byte, mode),
    });
    this.#random = new Random(seed ^ 0x72);
  }

  /** The board's analog inputs are open: noise. */
  convert(): number {
    return 512 + (this.#random.bits() & 7);
  }

  calibration(): readonly ChannelCalibration[] {
    return calibrationOf(this.parts);
  }

  /** The supply goes at a true time, or comes back: an IC that starts has forgotten everything. */
  power(on: boolean, time_s: number): void {
    this.world.advance(time_s);
    this.#powered = on;
    this.chip.reset();
  }
}
