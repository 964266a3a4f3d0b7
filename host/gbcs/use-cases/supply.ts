// Use cases of the supply: voltage, load limit, load switch, power threshold.

import { B, N, type Objects, S, type UseCase, useCase } from "./row.js";

/** Extreme over, extreme under, sag and swell: the limit and how long. */
const EXTREMES: Objects = {
  "71/0-0:17.0.1.255": [4, 6],
  "71/0-0:17.0.2.255": [4, 6],
  "71/0-0:17.0.3.255": [4, 6],
  "71/0-0:17.0.4.255": [4, 6],
};
/** Average over and under voltage: the limits, phase by phase. */
const AVERAGES: Objects = { "1/1-0:32.35.0.4": [2], "1/1-0:32.31.0.4": [2] };
const AVERAGES_3: Objects = {
  ...AVERAGES,
  "1/1-0:52.31.0.4": [2],
  "1/1-0:52.35.0.4": [2],
  "1/1-0:72.31.0.4": [2],
  "1/1-0:72.35.0.4": [2],
};
/** Period of the average voltage profile. */
const PERIOD: Objects = { "7/1-0:32.24.0.255": [4] };
const PERIOD_3: Objects = { ...PERIOD, "7/1-0:52.24.0.255": [4], "7/1-0:72.24.0.255": [4] };
/** How often the average was under, over. */
const COUNTERS = ["3/1-0:32.32.0.4", "3/1-0:32.36.0.4"] as const;
const COUNTERS_3 = [...COUNTERS, "3/1-0:52.32.0.4", "3/1-0:52.36.0.4", "3/1-0:72.32.0.4", "3/1-0:72.36.0.4"] as const;

export const supply: readonly UseCase[] = [
  useCase("ECS23", 0x0039, [S, N, B], ["time"], "read voltages", {
    reads: { ...each(COUNTERS, [2, 3]), "7/1-0:32.24.0.255": [2, 4] },
  }),
  useCase("ECS23b", 0x00bc, [S, N, B], ["time", "table"], "read voltages, three phases", {
    reads: {
      ...each(COUNTERS_3, [2, 3]),
      "7/1-0:32.24.0.255": [2, 4],
      "7/1-0:52.24.0.255": [2, 4],
      "7/1-0:72.24.0.255": [2, 4],
    },
  }),
  useCase("ECS26b", 0x003c, [S, N, B], [], "read the voltage settings", {
    reads: { ...EXTREMES, ...AVERAGES },
  }),
  useCase("ECS26k", 0x00c6, [S, N, B], [], "read the voltage settings, three phases", {
    reads: { ...EXTREMES, ...AVERAGES_3 },
  }),
  useCase("ECS29a", 0x0045, [N], ["replay"], "set the voltage settings and reset the counters", {
    sets: { ...PERIOD, ...EXTREMES, ...AVERAGES },
    acts: each(COUNTERS, [1]),
  }),
  useCase("ECS29b", 0x00ae, [N], ["replay"], "set the voltage settings and reset the counters, three phases", {
    sets: { ...PERIOD_3, ...EXTREMES, ...AVERAGES_3 },
    acts: each(COUNTERS_3, [1]),
  }),
  useCase("ECS29c", 0x00d1, [N], ["replay"], "set the voltage settings", {
    sets: { ...PERIOD, ...EXTREMES, ...AVERAGES },
  }),
  useCase("ECS29d", 0x00d2, [N], ["replay"], "set the voltage settings, three phases", {
    sets: { ...PERIOD_3, ...EXTREMES, ...AVERAGES_3 },
  }),
  useCase("ECS29e", 0x00d3, [N], ["replay"], "reset the voltage counters", {
    acts: each(COUNTERS, [1]),
  }),
  useCase("ECS29f", 0x00d4, [N], ["replay"], "reset the voltage counters, three phases", {
    acts: each(COUNTERS_3, [1]),
  }),
  useCase("ECS27", 0x0042, [S, N, B], ["table"], "read the load limit", {
    reads: { "9000/0-0:94.44.0.3": [2], "3/0-0:94.44.42.255": [2, 3], "71/0-0:17.0.0.255": [4, 6, 7] },
  }),
  useCase("ECS28a", 0x0043, [S], ["critical", "replay", "time"], "set the load limit", {
    sets: {
      "9000/0-0:94.44.0.3": [4, 6],
      "9000/0-0:94.44.128.7": [4, 6],
      "9000/0-0:94.44.128.6": [4, 6],
      "9000/0-0:94.44.128.8": [4, 6],
    },
  }),
  useCase("ECS28b", 0x0044, [S], ["replay"], "reset the load limit counter", {
    acts: { "3/0-0:94.44.42.255": [1] },
  }),
  useCase("ECS26f", 0x0040, [S, B], [], "read the thresholds of the power shown", {
    reads: { "21/0-0:16.0.0.255": [2] },
  }),
  useCase("ECS34", 0x0047, [S], [], "set the thresholds of the power shown", {
    sets: { "21/0-0:16.0.0.255": [2] },
  }),
  useCase("ECS42", 0x004f, [S], ["critical", "replay"], "close the load switch", {
    acts: { "9/0-0:10.0.106.255": [1] },
  }),
  useCase("ECS43", 0x0050, [S], ["critical", "replay"], "open the load switch", {
    acts: { "9/0-0:10.0.106.255": [1] },
  }),
  useCase("ECS44", 0x0051, [S], ["critical", "replay"], "arm the load switch", {
    acts: { "9/0-0:10.0.106.255": [1] },
  }),
  useCase("ECS45", 0x0052, [S, N, B], [], "read the state of the supply", {
    reads: { "70/0-0:96.3.10.255": [3] },
  }),
  useCase("ECS81", 0x0068, [S], ["critical", "replay"], "set what tampering does to the supply", {
    sets: { "1/0-0:94.44.0.4": [2] },
  }),
];

function each(objects: readonly (keyof Objects)[], numbers: readonly number[]): Objects {
  return Object.fromEntries(objects.map((object) => [object, numbers]));
}
