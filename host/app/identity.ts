// What the program tells of itself: on the command line, and as the meter's manufacturer, model and firmware (ECS26m, ECS52).

import type { Settings } from "../ledger/commands.js";

export const VERSION = "0.1.0";

/** Four octets: 00, then the three numbers of the version. */
const firmwareVersion = `00${VERSION.split(".")
  .map((part) => Number(part).toString(16).padStart(2, "0"))
  .join("")}`;

export const IDENTITY: Settings = {
  manufacturerIdentifier: { value: "OESM" },
  modelType: { value: "OpenESME" },
  firmwareVersion: { value: firmwareVersion },
};
