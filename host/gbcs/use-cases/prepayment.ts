// Use cases of payment: mode, balance, credit, debts, and what a prepayment meter may not do by itself.

import { B, type Objects, S, type UseCase, useCase } from "./row.js";

/** What waits for its activation, each with its moment; the non-disablement calendar's moments are of its two parts. */
const CONFIGURATION: Objects = {
  "11/0-1:11.0.2.255": [2],
  "10/0-1:12.0.1.255": [2],
  "9000/0-0:94.44.128.28": [6],
  "9000/0-0:94.44.128.31": [6],
  "9000/0-0:94.44.2.10": [4, 6],
  "9000/0-0:94.44.128.2": [4, 6],
  "9000/0-0:94.44.128.3": [4, 6],
  "9000/0-0:94.44.128.9": [4, 6],
  "9000/0-0:94.44.128.12": [4, 6],
  "9000/0-0:94.44.128.13": [4, 6],
};

export const prepayment: readonly UseCase[] = [
  useCase("ECS02", 0x001a, [S], ["critical", "replay", "time"], "change to credit mode", {
    sets: { "111/0-1:19.0.0.255": [2, 11, 13] },
  }),
  useCase("ECS03", 0x001b, [S], ["critical", "replay", "time"], "change to prepayment mode", {
    sets: { "111/0-1:19.0.0.255": [2, 11, 13], "9000/0-0:94.44.128.22": [4, 6] },
  }),
  useCase("ECS04a", 0x001c, [S], ["critical", "replay"], "adjust the balance", {
    acts: { "112/0-0:19.10.0.255": [1] },
  }),
  useCase("ECS04b", 0x00b3, [S], ["critical", "replay"], "reset the balance", {
    acts: { "112/0-0:19.10.0.255": [2], "112/0-0:19.10.1.255": [2], "112/0-0:19.10.2.255": [2] },
  }),
  useCase("ECS07", 0x001e, [S], ["critical", "replay"], "manage debts", {
    sets: { "113/0-0:19.20.1.255": [6, 8], "113/0-0:19.20.2.255": [6, 8], "113/0-0:19.20.3.255": [13] },
    acts: { "113/0-0:19.20.1.255": [2, 4], "113/0-0:19.20.2.255": [2, 4], "113/0-0:19.20.3.255": [4] },
  }),
  useCase("ECS08", 0x001f, [S], ["critical", "replay", "time", "family"], "set up prepayment (older)", {
    sets: { ...CONFIGURATION, "9000/0-0:94.44.2.20": [2, 6] },
  }),
  useCase("ECS08a", 0x00de, [S], ["critical", "replay", "time"], "set up prepayment", {
    sets: { ...CONFIGURATION, "9000/0-0:94.44.2.20": [4, 6] },
  }),
  useCase("ECS09", 0x0020, [S], ["critical", "replay"], "activate emergency credit", {
    acts: { "112/0-0:19.10.1.255": [3] },
  }),
  useCase("ECS19", 0x002d, [S], ["time"], "read the prepayment registers", {
    protectedReads: { "1/0-0:94.44.34.30": [2] },
    acts: { "30/0-0:43.2.1.255": [1] },
  }),
  useCase("ECS20a", 0x002e, [S, B], [], "read the billing log: debt payments", {
    reads: { "7/0-0:98.1.4.255": [2] },
  }),
  useCase("ECS20d", 0x00c9, [S, B], [], "read the billing log: credits", {
    reads: { "7/0-0:98.1.5.255": [2] },
  }),
  useCase("ECS21b", 0x0034, [S, B], [], "read the daily prepayment log", {
    protectedReads: { "7/0-0:98.1.8.255": [2] },
    acts: { "30/0-0:43.2.6.255": [1] },
  }),
  useCase("ECS26a", 0x003b, [S], [], "read how prepayment is set up", {
    reads: {
      "113/0-0:19.20.1.255": [5, 8],
      "113/0-0:19.20.2.255": [5, 8],
      "113/0-0:19.20.3.255": [13],
      "11/0-0:11.0.2.255": [2],
      "10/0-0:12.0.1.255": [2],
      "9000/0-0:94.44.2.10": [2],
      "9000/0-0:94.44.2.20": [2],
      "21/0-0:16.0.1.255": [2],
      "111/0-0:19.0.0.255": [11, 16, 18, 19],
      "112/0-0:19.10.1.255": [9, 10],
    },
  }),
  useCase("ECS26j", 0x00be, [S, B], [], "read the payment mode", {
    reads: { "111/0-0:19.0.0.255": [2] },
  }),
  useCase("ECS82", 0x0069, [S], ["table"], "read the balance", {
    reads: { "112/0-0:19.10.0.255": [2] },
  }),
];
