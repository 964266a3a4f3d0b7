// Runs the committed image on the simulated chip and counts: cycles awake and asleep, conversions, and the length of every interrupt.

import { readFileSync } from "node:fs";
import { AvrMachine, RESET } from "../../../host/sim/avr-machine.js";
import { CLOCK_HZ } from "../../../host/sim/board-clock.js";
import { buildBoard, frontEndOf, PREBUILT_IMAGE, readBoardOptions } from "../../../host/sim/board-options.js";
import { FrontEnd } from "../../../host/sim/front-end.js";
import { readHex } from "../../../host/sim/image.js";
import { encodeCommand } from "../../../host/wire/board/to-board.js";
import { START_ms } from "../readings.js";

export interface Firmware {
  readonly seconds: number;
  readonly sets: number;
  readonly cycles: number;
  readonly awake_cycles: number;
  /** Between the samples of two conversions that follow each other. */
  readonly longestGap_cycles: number;
  readonly interrupts: readonly { readonly name: string; readonly worst_cycles: number }[];
}

/** The boot's own work in the EEPROM is over. */
const WARM_UP_s = 3;
const COUNTED_s = 20;
/** Instruction by instruction, which is slower. */
const STEPPED_s = 3;
const RETI = 0x9518;
/** Each interrupt's entry is two words of the table at the foot of the flash. */
const VECTORS = new Map([
  [2 * 18, "USART_RX"],
  [2 * 19, "USART_UDRE"],
  [2 * 21, "ADC"],
]);
const VECTOR_WORDS = 2 * 26;
/** What the chip takes to enter an interrupt; the simulator takes two of them before the first instruction. */
const ENTRY_CYCLES = 4;

function measure(): Firmware {
  const options = readBoardOptions({ scenario: "solar-home" });
  const built = "kind" in options ? options : buildBoard(options, START_ms / 1_000);
  if ("kind" in options || "kind" in built) throw new Error("the board's options are wrong");
  const flash = readHex(readFileSync(PREBUILT_IMAGE, "utf8"));
  if ("kind" in flash) throw new Error(flash.reason);

  const frontEnd = new FrontEnd(built.world, frontEndOf(options), options.seed);
  let sets = 0;
  let sampled = 0;
  let longestGap_cycles = 0;
  const convert = (channel: number, cycle: number) => {
    if (channel === 0) sets++;
    longestGap_cycles = Math.max(longestGap_cycles, cycle - sampled);
    sampled = cycle;
    return frontEnd.convert(channel, cycle / CLOCK_HZ);
  };
  const pins = { convert, transmit: () => {}, portD: () => {} };
  const machine = new AvrMachine(flash, built.eeprom, pins, RESET.powerOn, null);
  const tellTime = () => {
    const t_ms = Math.floor(machine.cycles / (CLOCK_HZ / 1_000));
    const utc_s = START_ms / 1_000 + Math.floor(t_ms / 1_000);
    machine.receive(Buffer.from(encodeCommand({ kind: "utc", utc_s, ms: t_ms % 1_000, t_ms, rate_ppb: 0 })));
  };
  machine.run(WARM_UP_s * CLOCK_HZ);

  const before = { cycles: machine.cycles, slept: machine.slept_cycles, sets };
  longestGap_cycles = 0;
  tellTime();
  machine.run(before.cycles + COUNTED_s * CLOCK_HZ);
  const cycles = machine.cycles - before.cycles;
  const awake_cycles = cycles - (machine.slept_cycles - before.slept);
  const counted = { seconds: cycles / CLOCK_HZ, sets: sets - before.sets, cycles, awake_cycles };

  tellTime();
  const worst = worstInterrupts(machine, flash, machine.cycles + STEPPED_s * CLOCK_HZ);
  if (machine.watchdogBit) throw new Error("the watchdog bit: the firmware stood still");
  const interrupts = [...worst].map(([name, worst_cycles]) => ({ name, worst_cycles }));
  return { ...counted, longestGap_cycles, interrupts };
}

/** The longest of each interrupt from its entry to its return; the firmware's never interrupt each other. */
function worstInterrupts(machine: AvrMachine, flash: Uint16Array, until: number): ReadonlyMap<string, number> {
  const worst = new Map<string, number>();
  let name: string | null = null;
  let entered = 0;
  while (machine.cycles < until) {
    const returns = flash[machine.pc] === RETI;
    const began = machine.cycles;
    machine.run(began + 1);
    if (returns && name !== null) {
      // The return takes four cycles; the next interrupt may have been entered in the same step.
      worst.set(name, Math.max(worst.get(name) ?? 0, began + 4 - entered + ENTRY_CYCLES));
      name = null;
    }
    if (machine.pc < VECTOR_WORDS && machine.pc > 0 && name === null) {
      name = VECTORS.get(machine.pc) ?? `vector ${machine.pc / 2}`;
      entered = machine.cycles;
    }
  }
  return worst;
}

process.stdout.write(`${JSON.stringify(measure())}\n`);
