// Use cases of the meter itself: identity, clock, logs, messages to the display, which events alert whom. Four of them are for the
// communications hub; a meter that they reach answers with its own.

import { B, N, S, type UseCase, useCase } from "./row.js";

export const housekeeping: readonly UseCase[] = [
  useCase("ECS10", 0x0021, [S], [], "send a message to the display", {
    sets: { "1/0-2:96.13.1.255": [2] },
  }),
  useCase("ECS12", 0x0022, [S], [], "set the date of a change of tenancy", {
    sets: { "1/0-0:94.44.3.2": [2] },
  }),
  useCase("ECS14", 0x0023, [S], ["replay"], "disable the privacy PIN", {
    sets: { "1/0-0:94.44.3.1": [2] },
  }),
  useCase("ECS15a", 0x0024, [S], [], "clear the event log", {
    acts: { "7/0-0:99.98.0.255": [1] },
  }),
  useCase("ECS16", 0x0025, [S], [], "set the supplier's name and telephone number", {
    sets: { "9000/0-0:96.13.0.255": [2], "9000/0-0:96.13.1.255": [2] },
  }),
  useCase("ECS25a", 0x00ac, [S], [], "set which events alert the supplier", {
    sets: { "1/0-30:97.98.11.255": [2] },
  }),
  useCase("ECS25a1", 0x00ea, [S], [], "set which events of the supplier go to devices in the home", {
    sets: { "1/0-30:97.98.12.255": [2] },
  }),
  useCase("ECS25a2", 0x00eb, [S], [], "set which events of the supplier sound an alarm", {
    sets: { "1/0-30:97.98.13.255": [2] },
  }),
  useCase("ECS25a3", 0x00ec, [S], [], "set which events of the supplier are logged", {
    sets: { "1/0-30:97.98.14.255": [2] },
  }),
  useCase("ECS25b", 0x00b0, [N], [], "set which events alert the network operator", {
    sets: { "1/0-33:97.98.11.255": [2] },
  }),
  useCase("ECS25b3", 0x00ed, [N], [], "set which events of the network operator are logged", {
    sets: { "1/0-33:97.98.14.255": [2] },
  }),
  useCase("ECS25r1", 0x00ee, [S], [], "read what the supplier's events do", {
    reads: {
      "1/0-30:97.98.15.255": [2],
      "1/0-30:97.98.16.255": [2],
      "1/0-30:97.98.17.255": [2],
      "1/0-30:97.98.18.255": [2],
    },
  }),
  useCase("ECS25r2", 0x00ef, [N], [], "read what the network operator's events do", {
    reads: { "1/0-33:97.98.15.255": [2], "1/0-33:97.98.18.255": [2] },
  }),
  useCase("ECS26c", 0x003d, [S, N, B], ["table"], "read the randomised offset", {
    reads: { "1/0-0:94.44.0.0": [2], "1/0-0:94.44.0.1": [2], "1/0-0:94.44.0.2": [2] },
  }),
  useCase("ECS26e", 0x003f, [S, N, B], ["family"], "read identity and variant (older)", {
    reads: {
      "1/0-0:96.1.1.255": [2],
      "1/0-0:96.1.2.255": [2],
      "1/0-0:96.1.4.255": [2],
      "1/0-0:96.1.6.255": [2],
      "1/0-0:94.44.0.4": [2],
    },
  }),
  useCase("ECS26i", 0x0092, [B], ["family"], "read the hub's identity and variant (older)", {
    reads: { "1/0-0:96.1.1.255": [2], "1/0-0:96.1.4.255": [2], "1/0-0:96.1.6.255": [2] },
  }),
  useCase("ECS26m", 0x00f9, [S, N, B], [], "read identity and variant", {
    reads: {
      "1/0-0:96.1.2.255": [2],
      "1/0-0:96.1.4.255": [2],
      "1/0-0:96.1.6.255": [2],
      "1/0-0:94.44.0.4": [2],
    },
  }),
  useCase("ECS26n", 0x00fa, [B], [], "read the hub's identity and variant", {
    reads: { "1/0-0:96.1.4.255": [2], "1/0-0:96.1.6.255": [2] },
  }),
  useCase("ECS35a", 0x0048, [S, N, B], [], "read the event log", {
    reads: { "7/0-0:99.98.0.255": [2] },
  }),
  useCase("ECS35b", 0x0049, [S, N, B], ["table"], "read the security log", {
    reads: { "7/0-0:99.98.1.255": [2] },
  }),
  useCase("ECS35c", 0x0093, [B], [], "read the hub's event log", {
    reads: { "7/0-0:99.98.0.255": [2] },
  }),
  useCase("ECS35d", 0x0094, [B], [], "read the hub's security log", {
    reads: { "7/0-0:99.98.1.255": [2] },
  }),
  useCase("ECS35e", 0x00b9, [S, N, B], [], "read the power event log", {
    reads: { "7/0-0:99.98.4.255": [2] },
  }),
  useCase("ECS38", 0x004b, [S], ["critical", "replay"], "set the limit of the randomised offset", {
    sets: { "1/0-0:94.44.0.1": [2] },
  }),
  useCase("ECS39a", 0x004c, [S], ["replay"], "set the import MPAN", {
    sets: { "1/0-0:94.44.34.11": [2] },
  }),
  useCase("ECS39b", 0x004d, [B], ["replay", "table"], "set the export MPAN", {
    sets: { "1/1-0:0.0.2.255": [2] },
  }),
  useCase("ECS40", 0x004e, [S, N, B], [], "read the MPANs", {
    reads: { "1/0-0:94.44.34.11": [2], "1/1-0:0.0.2.255": [2] },
  }),
  useCase("ECS50", 0x0058, [B], ["replay"], "send the customer identification number", {
    sets: { "1/0-3:96.13.1.255": [2] },
  }),
  useCase("ECS52", 0x0059, [S, N, B], [], "read the firmware version", {
    reads: { "1/0-0:0.2.1.255": [2] },
  }),
  useCase("ECS70", 0x0062, [S], ["critical", "replay"], "set the clock", {
    reads: { "8/0-0:1.0.0.255": [2, 4] },
    sets: { "8/0-0:1.0.0.255": [9] },
    acts: { "8/0-0:1.0.0.255": [5, 4] },
  }),
];
