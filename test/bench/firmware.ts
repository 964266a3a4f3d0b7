// What the firmware needs of its chip, counted in the simulator that executes the image: the same on every machine.

import type { Firmware } from "./children/firmware.js";
import { child } from "./processes.js";
import { type Row, row } from "./row.js";

const CLOCK_HZ = 16_000_000;
/** Fourteen ADC clocks of 64 cycles: thirteen to convert and, at best, one to begin (firmware/board/adc.c). */
const CONVERSION_cycles = 896;
/** Voltage and three clamps. */
const CONVERSIONS_A_SET = 4;

export function benchFirmware(): readonly Row[] {
  const { seconds, sets, cycles, awake_cycles, longestGap_cycles, interrupts } = child<Firmware>("firmware");
  const sets_hz = sets / seconds;
  const best_hz = CLOCK_HZ / (CONVERSIONS_A_SET * CONVERSION_cycles);
  const conversion = ["a conversion at best", CONVERSION_cycles] as const;
  return [
    row(
      "firmware, sets of V and 3 CT",
      "/s",
      [sets_hz, 1],
      ["the ADC at best", best_hz],
      ["at least 2,400/s", sets_hz >= 2_400],
    ),
    row("  cycles awake a set (CPU share)", "cycles", [awake_cycles / sets, 1], ["all cycles of a set", cycles / sets]),
    row("  longest conversion to conversion", "cycles", [longestGap_cycles, 1], conversion),
    ...interrupts.map(({ name, worst_cycles }) =>
      row(`  longest ${name} interrupt`, "cycles", [worst_cycles, 1], conversion),
    ),
  ];
}
