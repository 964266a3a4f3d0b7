// The use cases of an electricity meter: one row for each message code, by topic. docs/spec/gbcs.md lists them; what the items are is the
// COSEM table's matter.

import { auxiliary } from "./use-cases/auxiliary.js";
import { housekeeping } from "./use-cases/housekeeping.js";
import { prepayment } from "./use-cases/prepayment.js";
import { reading } from "./use-cases/reading.js";
import type { UseCase } from "./use-cases/row.js";
import { supply } from "./use-cases/supply.js";
import { tariff } from "./use-cases/tariff.js";

export type { UseCase } from "./use-cases/row.js";

export const USE_CASES: readonly UseCase[] = [reading, tariff, supply, prepayment, auxiliary, housekeeping].flat();

const BY_CODE: ReadonlyMap<number, UseCase> = new Map(USE_CASES.map((row) => [row.code, row]));

export function useCaseOf(code: number): UseCase | null {
  return BY_CODE.get(code) ?? null;
}

/** Message codes of alerts; which alert it is, its content says. */
export const ALERT_CODES: ReadonlyMap<number, string> = new Map([
  [0x0061, "a billing period has ended (ECS68)"],
  [0x0067, "the supply is back after an outage (ECS80)"],
  [0x00cb, "a future-dated command on credentials has run"],
  [0x00cc, "a future-dated command has run"],
  [0x0120, "of an auxiliary controller (ECS100)"],
  [0x0121, "a limit of a proportional controller was processed (ECS101)"],
  [0x0122, "a limit of a proportional controller ended or was cancelled (ECS102)"],
  [0x0123, "an auxiliary controller's state (ECS200)"],
  [0x0124, "a future-dated command on a load controller's credentials has run"],
  [0x1000, "an alert, critical"],
  [0x1001, "an alert, not critical"],
]);
