// Use cases of tariff, price and billing calendar. The passive objects (0-1:11.0.1, 0-0:16.1.x) hold what waits for its activation.

import { B, type Objects, S, type UseCase, useCase } from "./row.js";

/** The block thresholds, current: one for each time of use. */
const THRESHOLDS: Objects = {
  "21/0-0:16.0.11.255": [2],
  "21/0-0:16.0.12.255": [2],
  "21/0-0:16.0.13.255": [2],
  "21/0-0:16.0.14.255": [2],
  "21/0-0:16.0.15.255": [2],
  "21/0-0:16.0.16.255": [2],
  "21/0-0:16.0.17.255": [2],
  "21/0-0:16.0.18.255": [2],
};
const THRESHOLDS_WAITING: Objects = {
  "21/0-0:16.1.11.255": [2],
  "21/0-0:16.1.12.255": [2],
  "21/0-0:16.1.13.255": [2],
  "21/0-0:16.1.14.255": [2],
  "21/0-0:16.1.15.255": [2],
  "21/0-0:16.1.16.255": [2],
  "21/0-0:16.1.17.255": [2],
  "21/0-0:16.1.18.255": [2],
};

export const tariff: readonly UseCase[] = [
  useCase("ECS01a", 0x0019, [S], ["critical", "replay", "time"], "set tariff and prices", {
    sets: {
      "20/0-0:13.0.0.255": [7, 8, 9, 10],
      "11/0-1:11.0.0.255": [2],
      "9000/0-0:94.44.128.29": [6],
      ...THRESHOLDS_WAITING,
      "9000/0-0:63.1.1.255": [6],
      "9000/0-0:94.44.2.0": [4, 6],
      "113/0-0:19.20.4.255": [6, 7],
      "113/0-0:19.20.0.255": [6, 7],
    },
  }),
  useCase("ECS01b", 0x00a2, [S], ["critical", "replay", "time"], "set prices and standing charge", {
    sets: { "113/0-0:19.20.4.255": [6, 7], "113/0-0:19.20.0.255": [6, 7] },
  }),
  useCase("ECS01c", 0x00b7, [S], ["critical", "replay", "time"], "set the secondary element's tariff and prices", {
    sets: {
      "113/0-0:19.20.5.255": [6, 7],
      "20/0-0:13.0.1.255": [7, 8, 9, 10],
      "11/0-1:11.0.1.255": [2],
      "9000/0-0:94.44.128.30": [6],
    },
  }),
  useCase("ECS01d", 0x00c7, [S], ["critical", "replay", "time"], "set the secondary element's prices", {
    sets: { "113/0-0:19.20.5.255": [6, 7] },
  }),
  useCase("ECS05", 0x001d, [S], ["critical", "replay"], "reset the block counters", {
    acts: { "9/0-0:10.0.100.255": [1] },
  }),
  useCase("ECS24", 0x003a, [S, B], [], "read tariff and prices", {
    reads: {
      "3/0-0:94.44.1.7": [2, 3],
      "20/0-0:13.0.0.255": [3, 4, 5],
      "11/0-0:11.0.0.255": [2],
      ...THRESHOLDS,
      "9000/0-0:94.44.2.0": [2],
      "113/0-0:19.20.4.255": [5],
      "113/0-0:19.20.0.255": [5],
    },
  }),
  useCase("ECS24b", 0x00bd, [S, B], ["table"], "read the secondary element's tariff and prices", {
    reads: {
      "113/0-0:19.20.5.255": [5],
      "3/0-0:94.44.1.8": [2, 3],
      "11/0-0:11.0.1.255": [2],
      "20/0-0:13.0.1.255": [3, 4, 5],
    },
  }),
  useCase("ECS26d", 0x003e, [S, B], ["family"], "read the billing calendar (older)", {
    reads: { "22/0-0:15.0.0.255": [4] },
  }),
  useCase("ECS26l", 0x00d9, [S, B], [], "read the billing calendar", {
    reads: { "22/0-0:15.0.0.255": [4] },
  }),
  useCase("ECS30", 0x0046, [S], ["critical", "replay", "family"], "set the billing calendar (older)", {
    sets: { "22/0-0:15.0.0.255": [4] },
  }),
  useCase("ECS30a", 0x00d7, [S], ["critical", "replay"], "set the billing calendar", {
    sets: { "22/0-0:15.0.0.255": [4] },
  }),
  useCase("ECS48", 0x00db, [S], ["critical", "replay"], "set when the block counters are reset", {
    sets: { "22/0-0:15.1.0.255": [4] },
  }),
];
