// Voltage: averages, their counters, thresholds and period of each phase, and the extremes, sag and swell of all phases together.
//
// Volts are whole on the wire: inferred from the thresholds of the reference messages (253, 216, 264, 200, 287, 180) and from "implied
// unit is Volts" in the use-case table. The state keeps tenths: what is told of it is rounded.

import type { Log } from "../../ledger/log.js";
import type { EsmeState } from "../../ledger/state/state.js";
import { VOLTAGE_DEPTH, type VoltageEntry } from "../../ledger/state/supply.js";
import { i8 } from "../../wire/dlms/data.js";
import { fields, number, STAMP, scalerUnit, U32, UNITS } from "../codecs.js";
import type { Item } from "../item.js";
import { attribute, type Columns, constant, log, method, put, setting, T_U32, tuple, value } from "../rows.js";
import { hasPhase, type PhaseNumber, takesPhase } from "../variants.js";
import { only } from "./forms.js";

const VOLTS = number("double-long-unsigned", 10);
/** Seconds: proved by the stamps of ECS23's answer. */
const PERIOD = only(U32, (seconds) => seconds > 0);

const averages: Columns<VoltageEntry> = {
  of: tuple(T_U32, T_U32),
  row: fields({ timestamp: STAMP, value: VOLTS }),
  stamp: ({ timestamp }) => timestamp,
  depth: VOLTAGE_DEPTH,
};

export const VOLTAGE: readonly Item[] = [
  ...phase(1, 32),
  ...phase(2, 52),
  ...phase(3, 72),
  ...extreme("RMSExtremeOverVoltage", "0-0:17.0.1.255", "rmsExtremeOverVoltage"),
  ...extreme("RMSExtremeUnderVoltage", "0-0:17.0.2.255", "rmsExtremeUnderVoltage"),
  ...extreme("RMSVoltageSag", "0-0:17.0.3.255", "rmsVoltageSag"),
  ...extreme("RMSVoltageSwell", "0-0:17.0.4.255", "rmsVoltageSwell"),
];

/** `c` is the phase in an OBIS code. */
function phase(number: PhaseNumber, c: 32 | 52 | 72): readonly Item[] {
  const name = (rest: string) => `(Phase[${number}])AverageRMS${rest}`;
  const threshold = (which: string, obis: string, section: Thresholds) =>
    setting(attribute(name(`${which}VoltageThreshold.value`), 1, obis, 2), [section, "value", number - 1], VOLTS);
  const counter = (which: string, obis: string, section: Counters) => [
    value(attribute(name(`${which}VoltageCounter.value`), 3, obis, 2), [section, "value", number - 1], U32),
    constant(attribute(name(`${which}VoltageCounter.scale`), 3, obis, 3), scalerUnit(UNITS.none)),
    method(name(`${which}VoltageCounter.reset`), 3, obis, 1, i8(0), { kind: "reset", what: section, phase: number }),
  ];
  return [
    ...counter("Under", `1-0:${c}.32.0.4`, "averageRMSUnderVoltageCounter"),
    ...counter("Over", `1-0:${c}.36.0.4`, "averageRMSOverVoltageCounter"),
    averageLog(attribute(name("VoltageProfileDataLog.logEntries"), 7, `1-0:${c}.24.0.255`, 2), number),
    // One period of all phases: SMETS 5.7.4.6 has one.
    setting(
      attribute(name("VoltageMeasurementPeriod.value"), 7, `1-0:${c}.24.0.255`, 4),
      ["averageRMSVoltageMeasurementPeriod", "value"],
      PERIOD,
    ),
    threshold("Under", `1-0:${c}.31.0.4`, "averageRMSUnderVoltageThreshold"),
    threshold("Over", `1-0:${c}.35.0.4`, "averageRMSOverVoltageThreshold"),
  ].map((item) => ofPhase(item, number));
}

type Thresholds = "averageRMSOverVoltageThreshold" | "averageRMSUnderVoltageThreshold";
type Counters = "averageRMSOverVoltageCounter" | "averageRMSUnderVoltageCounter";
type Extreme = "rmsExtremeOverVoltage" | "rmsExtremeUnderVoltage" | "rmsVoltageSag" | "rmsVoltageSwell";

function averageLog(head: ReturnType<typeof attribute>, number: PhaseNumber): Item {
  const section = "averageRMSVoltageProfileDataLog";
  const logIn = (state: EsmeState): Log<VoltageEntry> => state[section][number - 1] ?? state[section][0];
  return log(head, averages, logIn, (draft, learnt) => put(draft, section, [number - 1], learnt));
}

function extreme(name: string, obis: string, section: Extreme): readonly Item[] {
  return [
    setting(attribute(`${name}Threshold.threshold`, 71, obis, 4), [`${section}Threshold`, "threshold"], VOLTS),
    setting(attribute(`${name}MeasurementPeriod.period`, 71, obis, 6), [`${section}MeasurementPeriod`, "period"], U32),
  ];
}

/** A phase that the meter has not is no object of it; whoever learns of one learns that the meter has three. */
function ofPhase(item: Item, number: PhaseNumber): Item {
  const { get, put: takes, act } = item;
  return {
    ...item,
    ...(get && { get: (view, range) => (hasPhase(view.state, number) ? get(view, range) : null) }),
    ...(takes && { put: (draft, data) => takesPhase(draft, number) && takes(draft, data) }),
    ...(act && { act: (draft, data) => (takesPhase(draft, number) ? act(draft, data) : null) }),
    ...((act || item.settable) && { learn: (draft) => void takesPhase(draft, number) }),
  };
}
