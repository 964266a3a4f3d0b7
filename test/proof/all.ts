// All proofs, in the order in which they are told: what the meter measures, what it survives, and what it tells who asks by command.

import { proof as accuracy, turned } from "./accuracy.js";
import { proof as calibrated, realClamps } from "./calibrated.js";
import { proof as clockRate } from "./clock-rate.js";
import { proof as crashHub } from "./crash-hub.js";
import { proof as crashReplay } from "./crash-replay.js";
import { proof as crashRun } from "./crash-run.js";
import { proof as dayThreeWays } from "./day-three-ways.js";
import { proof as faultBoard } from "./fault-board.js";
import { proof as faultSerial } from "./fault-serial.js";
import { proof as gbcsDay } from "./gbcs-day.js";
import { proof as gbcsFuzz } from "./gbcs-fuzz.js";
import { proof as hostAway } from "./host-away.js";
import { noLoad, start } from "./idle.js";
import { proof as metersDay } from "./meters-day.js";
import { proof as metersHour } from "./meters-hour.js";
import { proof as panelDay } from "./panel-day.js";
import { proof as powerCut } from "./power-cut.js";
import type { Proof } from "./proof.js";
import { proof as reversing } from "./reversing.js";

export const METROLOGY: readonly Proof[] = [
  accuracy,
  turned,
  reversing,
  noLoad,
  start,
  clockRate,
  panelDay,
  calibrated,
  realClamps,
];
export const SURVIVAL: readonly Proof[] = [
  hostAway,
  powerCut,
  dayThreeWays,
  faultBoard,
  faultSerial,
  crashReplay,
  crashRun,
  crashHub,
];

export const COMMANDS: readonly Proof[] = [gbcsDay, gbcsFuzz];

export const METERS: readonly Proof[] = [metersHour, metersDay];

export const PROOFS: readonly Proof[] = [...METROLOGY, ...SURVIVAL, ...COMMANDS, ...METERS];
