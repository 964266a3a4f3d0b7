// Use cases of the five auxiliary controllers (ALCS, HCALCS, APC) and of the boost function.

import { B, L, N, type Objects, S, type UseCase, useCase } from "./row.js";

const DESCRIPTIONS: Objects = each(11, 15);
const TYPES: Objects = each(21, 25);
const STATES: Objects = each(31, 35);
const BOOSTS: Objects = {
  "1/0-0:94.44.6.1": [2],
  "1/0-0:94.44.6.2": [2],
  "1/0-0:94.44.6.3": [2],
  "1/0-0:94.44.6.4": [2],
  "1/0-0:94.44.6.5": [2],
};
const CALENDAR: Objects = { "11/0-0:11.0.3.255": [2], "10/0-0:12.0.2.255": [2] };
/** Special days and entries that wait, and the moments of both. */
const CALENDAR_WAITING: Objects = {
  "11/0-1:11.0.3.255": [2],
  "10/0-1:12.0.2.255": [2],
  "9000/0-0:94.44.128.26": [6],
  "9000/0-0:94.44.128.35": [6],
};

export const auxiliary: readonly UseCase[] = [
  useCase("ECS15c", 0x00c1, [S], [], "clear the auxiliary controllers' event log", {
    acts: { "7/0-17:99.98.2.255": [1] },
  }),
  useCase("ECS35f", 0x00ba, [S, N, L], ["family"], "read the auxiliary controllers' event log (older)", {
    reads: { "7/0-17:99.98.2.255": [2] },
  }),
  useCase("ECS35g", 0x00fd, [S, N, L], [], "read the auxiliary controllers' event log", {
    reads: { "7/0-17:99.98.2.255": [2] },
  }),
  useCase("ECS46a", 0x0053, [S], ["critical"], "describe the auxiliary controllers", {
    sets: DESCRIPTIONS,
  }),
  useCase("ECS46c", 0x0054, [S], ["critical", "replay", "time", "family"], "set the auxiliary calendar (older)", {
    sets: { ...TYPES, ...CALENDAR_WAITING },
  }),
  useCase("ECS46d", 0x011a, [S], ["critical", "replay", "time"], "set the auxiliary calendar", {
    sets: CALENDAR_WAITING,
  }),
  useCase("ECS47", 0x0055, [S], ["critical", "replay", "family"], "switch an auxiliary controller (older)", {
    sets: commands(1, 2),
    acts: { "9/0-0:10.0.103.255": [1] },
  }),
  useCase("ECS47a", 0x011e, [S], ["critical", "replay"], "set an auxiliary controller's state", {
    sets: commands(1, 2),
    acts: { "9/0-0:10.0.103.255": [1] },
  }),
  useCase("ECS47e", 0x011f, [L], ["critical", "replay"], "limit a proportional controller", {
    sets: commands(3, 4),
    acts: { "9/0-0:10.0.107.255": [1] },
  }),
  useCase("ECS61a", 0x00bb, [S, N, B, L], ["family"], "read the auxiliary controllers (older)", {
    reads: {
      ...DESCRIPTIONS,
      ...TYPES,
      ...CALENDAR,
      "70/0-1:96.3.10.255": [2],
      "70/0-2:96.3.10.255": [2],
      "70/0-3:96.3.10.255": [2],
      "70/0-4:96.3.10.255": [2],
      "70/0-5:96.3.10.255": [2],
    },
  }),
  useCase("ECS61c", 0x005e, [S, B], [], "read the boost function", {
    reads: { "1/0-0:94.44.7.255": [2], "7/0-0:99.98.20.255": [2], ...BOOSTS },
  }),
  useCase("ECS61d", 0x011c, [S, N, B, L], [], "read how the auxiliary controllers are set up", {
    reads: { ...DESCRIPTIONS, ...CALENDAR },
  }),
  useCase("ECS61e", 0x011d, [S, N, B, L], [], "read what the auxiliary controllers do", {
    reads: { ...TYPES, ...STATES },
  }),
  useCase("ECS62", 0x005f, [S], ["replay"], "say which controllers the boost function switches", {
    sets: BOOSTS,
  }),
];

/** Data objects 0-0:94.44.0.first to .last: one for each controller. */
function each(first: number, last: number): Objects {
  const objects: { [object: `${number}/${string}`]: readonly number[] } = {};
  for (let e = first; e <= last; e++) objects[`1/0-0:94.44.0.${e}`] = [2];
  return objects;
}

/** Data objects 0-0:94.44.117 to 121 (one group for each controller): what the script after them is to do, in two parts. */
function commands(first: number, second: number): Objects {
  const objects: { [object: `${number}/${string}`]: readonly number[] } = {};
  for (let d = 117; d <= 121; d++) {
    objects[`1/0-0:94.44.${d}.${first}`] = [2];
    objects[`1/0-0:94.44.${d}.${second}`] = [2];
  }
  return objects;
}
