// The logs of what happened (class 7): columns read off the reference messages (ECS35a, ECS35e); the security log's (ECS35b) are the
// use-case table's. Our own text of an entry is not told.

import { EVENT_LOG_DEPTH, type EventEntry, type PowerEntry } from "../../ledger/state/housekeeping.js";
import { i8 } from "../../wire/dlms/data.js";
import { fields, hex, mapped, STAMP, U16, U32 } from "../codecs.js";
import type { Item } from "../item.js";
import { attribute, type Columns, logSection, method, T_OCTETS, T_U16, T_U32, tuple } from "../rows.js";

const stamp = ({ timestamp }: { readonly timestamp: EventEntry["timestamp"] }) => timestamp;

const events: Columns<EventEntry> = {
  of: tuple(T_U32, T_U16, T_OCTETS),
  row: mapped(
    fields({ timestamp: STAMP, logCode: U16, otherInformation: hex(8) }),
    (entry: EventEntry) => entry,
    (told): EventEntry => ({ ...told, text: "" }),
  ),
  stamp,
  depth: EVENT_LOG_DEPTH,
};
const security: Columns<EventEntry> = {
  of: tuple(T_U32, T_U16),
  row: mapped(
    fields({ timestamp: STAMP, logCode: U16 }),
    (entry: EventEntry) => entry,
    (told): EventEntry => ({ ...told, otherInformation: "", text: "" }),
  ),
  stamp,
  depth: EVENT_LOG_DEPTH,
};
const power: Columns<PowerEntry> = {
  of: tuple(T_U32, T_U16, T_U32),
  row: fields({
    timestamp: STAMP,
    logCode: U16,
    // What is greater than the wire can tell, an outage of more than 136 years, is told as the greatest.
    otherInformation: mapped(
      U32,
      (held: number) => Math.min(held, 2 ** 32 - 1),
      (told) => told,
    ),
  }),
  stamp,
  depth: EVENT_LOG_DEPTH,
};

export const LOGS: readonly Item[] = [
  logSection(attribute("EventLog(incGPF).logEntries", 7, "0-0:99.98.0.255", 2), "eventLog", events),
  method("EventLog(incGPF).clear", 7, "0-0:99.98.0.255", 1, i8(0), { kind: "clear-event-log" }),
  logSection(attribute("SecurityLog(notCHF).logEntries", 7, "0-0:99.98.1.255", 2), "securityLog", security),
  logSection(attribute("PowerEventLog.logEntries", 7, "0-0:99.98.4.255", 2), "powerEventLog", power),
];
