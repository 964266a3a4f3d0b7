// What a meter tells its hub in JSON: closed half hours, what befell the ledger, and, where it has no keys, alerts. Apart from the GBCS
// messages, so that who prints half hours need not load those.

import type { Notice } from "../ledger/events.js";
import type { Flag, HalfHour } from "../ledger/profile.js";
import { rfc3339 } from "../ledger/units.js";

export interface HalfHourMessage {
  readonly schema: "esme/half-hour/1";
  readonly end: string;
  readonly import_wh: number | null;
  readonly export_wh: number | null;
  readonly import_varh: number | null;
  readonly export_varh: number | null;
  readonly flags: readonly Flag[];
}

export interface AlertMessage {
  readonly schema: "esme/alert/1";
  readonly at: string;
  /** A word for what befell the source, 0x8F35 and the like for the coded alerts of SMETS. */
  readonly code: string;
  readonly text: string;
  /** Where the alert carries them: of an outage its interruption and its restoration. */
  readonly times?: readonly string[];
}

/** Null where the hub need not hear of it. */
export function messageOf(notice: Notice): Uint8Array | null {
  switch (notice.kind) {
    case "half-hour":
      return bytes(halfHourMessage(notice.entry));
    case "event":
      return bytes({ schema: "esme/alert/1", at: rfc3339(notice.at), code: notice.code, text: notice.text });
    case "alert":
      return bytes(alertMessage(notice));
    case "aged":
    case "supply-state":
      return null;
  }
}

function alertMessage({ at, code, text, times = [] }: Extract<Notice, { kind: "alert" }>): AlertMessage {
  const name = `0x${code.toString(16).toUpperCase().padStart(4, "0")}`;
  return {
    schema: "esme/alert/1",
    at: rfc3339(at),
    code: name,
    text,
    ...(times.length > 0 ? { times: times.map(rfc3339) } : {}),
  };
}

export function halfHourMessage(entry: HalfHour): HalfHourMessage {
  const [import_wh, export_wh, import_varh, export_varh] = entry.wh;
  const end = rfc3339(entry.end);
  return { schema: "esme/half-hour/1", end, import_wh, export_wh, import_varh, export_varh, flags: entry.flags };
}

function bytes(message: HalfHourMessage | AlertMessage): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(message));
}
