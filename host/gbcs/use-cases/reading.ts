// Use cases that read what was metered: registers, maximum demand, billing and daily logs, half hours.

import { B, N, S, type UseCase, useCase } from "./row.js";

export const reading: readonly UseCase[] = [
  useCase("ECS17a", 0x0026, [N, B], ["time"], "read the export registers", {
    reads: { "3/1-0:2.8.0.255": [2, 3], "3/1-0:4.8.0.255": [2, 3] },
  }),
  useCase("ECS17b", 0x0027, [S, N], ["time"], "read the import registers", {
    protectedReads: { "1/0-0:94.44.34.10": [2] },
    acts: { "30/0-0:43.2.8.255": [1] },
  }),
  useCase("ECS17c", 0x0028, [S, N, B], ["time"], "read the active power imported now", {
    reads: { "1/0-0:94.44.34.20": [2] },
  }),
  useCase("ECS17d", 0x0029, [S, N], ["time"], "read the registers by time of use", {
    protectedReads: { "1/0-0:94.44.34.1": [2] },
    acts: { "30/0-0:43.2.9.255": [1] },
  }),
  useCase("ECS17e", 0x002a, [S, N], ["time", "table"], "read the registers by time of use and block", {
    protectedReads: { "1/0-0:94.44.34.2": [2] },
    acts: { "30/0-0:43.2.10.255": [1] },
  }),
  useCase("ECS18a", 0x002b, [N, B], ["time", "table"], "read the maximum demand, export", {
    reads: { "1/0-0:94.44.5.2": [2], "4/1-0:2.6.0.255": [2, 3, 5] },
  }),
  useCase("ECS18b", 0x002c, [S, N, B], ["time"], "read the maximum demands, import, and their times of day", {
    reads: {
      "1/0-0:94.44.5.0": [2],
      "1/0-0:94.44.5.1": [2],
      "4/1-0:1.6.0.255": [2, 3, 5],
      "4/1-0:1.6.1.255": [2, 3, 5],
      "10/0-0:12.0.0.255": [2],
    },
  }),
  useCase("ECS20b", 0x002f, [S, B], [], "read the billing log: changes of tariff and payment mode", {
    protectedReads: { "7/0-0:98.1.2.255": [2] },
    acts: { "30/0-0:43.2.3.255": [1] },
  }),
  useCase("ECS20c", 0x0030, [S, B], [], "read the billing log: ends of billing periods", {
    protectedReads: { "7/0-0:98.1.0.255": [2], "7/0-0:98.1.1.255": [2] },
    acts: { "30/0-0:43.2.2.255": [1] },
  }),
  useCase("ECS21a", 0x0033, [S, B], [], "read the daily read log, import", {
    protectedReads: { "7/0-0:98.1.9.255": [2] },
    acts: { "30/0-0:43.2.5.255": [1] },
  }),
  useCase("ECS21c", 0x0035, [B], ["table"], "read the daily read log, export", {
    reads: { "7/0-0:98.1.10.255": [2] },
  }),
  useCase("ECS22a", 0x0036, [N, B], [], "read the half hours of export", {
    reads: { "7/0-0:99.1.1.255": [2] },
  }),
  useCase("ECS22b", 0x0037, [S, N, B], [], "read the half hours of active import", {
    protectedReads: { "7/0-0:99.1.0.255": [2] },
    acts: { "30/0-0:43.2.7.255": [1] },
  }),
  useCase("ECS22c", 0x0038, [S, N, B], ["table"], "read the half hours of reactive import", {
    reads: { "7/0-0:99.1.2.255": [2] },
  }),
  useCase("ECS37", 0x004a, [N], ["replay"], "set the times of day of the second maximum demand", {
    sets: { "10/0-0:12.0.0.255": [2] },
  }),
  useCase("ECS57", 0x005a, [N], [], "reset the maximum demands", {
    acts: { "4/1-0:1.6.0.255": [1], "4/1-0:1.6.1.255": [1], "4/1-0:2.6.0.255": [1] },
  }),
  useCase("ECS66", 0x0060, [S, N, B], ["table"], "read the daily consumption log", {
    protectedReads: { "7/0-0:99.1.3.255": [2] },
    acts: { "30/0-0:43.2.4.255": [1] },
  }),
];
