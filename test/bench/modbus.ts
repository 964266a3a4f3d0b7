// How near to the wire's limit an SDM630 is swept at 9600 baud, against one quantity a request on the same line.

import type { Sweeps } from "./children/modbus.js";
import { child } from "./processes.js";
import { median, type Row, row } from "./row.js";

const LEAST = 0.9;

export function benchModbus(): readonly Row[] {
  const { quantities, reads, planned_s, single_s, plannedWire_s, singleWire_s } = child<Sweeps>("modbus");
  const [planned, single] = [1 / median(planned_s), 1 / median(single_s)];
  const runs = planned_s.length;
  const share = planned * plannedWire_s;
  return [
    row(
      `SDM630 swept at 9600 baud, ${quantities} quantities in ${reads} reads`,
      "/s",
      [planned, runs],
      [
        "the wire's limit: 11 bits a character, 3.5 characters between frames, no pause of the meter's",
        1 / plannedWire_s,
      ],
      [`at least ${100 * LEAST} % of it`, share >= LEAST],
    ),
    row("  the same", "/s", [planned, runs], ["one quantity a request, the same line", single]),
    row("  one quantity a request", "/s", [single, runs], ["the wire's limit of so many frames", 1 / singleWire_s]),
  ];
}
