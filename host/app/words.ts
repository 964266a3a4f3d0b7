// Reading what a person typed: times, durations, numbers. Anything else is refused with an example.

import type { Eui } from "../gbcs/frame.js";
import { Utc_ms } from "../ledger/units.js";
import { usedWrongly } from "./refusal.js";

const UNITS_ms = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;
const DATE = /^\d{4}-\d\d-\d\d$/;

/** "20s", "2m", "1h" in ms. */
export function duration_ms(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  if (match === null) return usedWrongly(`"${text}" is not a duration`, "write a number and a unit: 20s, 2m, 1h");
  return Number(match[1]) * UNITS_ms[match[2] as keyof typeof UNITS_ms];
}

/** RFC 3339, or a date alone (its first moment, UTC). */
export function time(text: string): Utc_ms {
  const at = (RFC3339.test(text) || DATE.test(text)) && isDay(text.slice(0, 10)) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    return usedWrongly(
      `"${text}" is not a time`,
      "write it as in RFC 3339: 2026-06-01T12:30:00Z, or a date: 2026-06-01",
    );
  return Utc_ms(at);
}

/** Date.parse takes 30 February for 2 March. */
function isDay(date: string): boolean {
  const at = Date.parse(date);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(date);
}

export function whole(text: string): number {
  if (!/^-?\d{1,15}$/.test(text)) return usedWrongly(`"${text}" is not a whole number`, "write digits only");
  return Number(text);
}

/** Any number, 1e-4 too. */
export function number(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value)) return value;
  return usedWrongly(`"${text}" is not a number`, "write a number such as 2.5");
}

/** A seed is an unsigned number of 32 bits. */
export function seed(text: string): number {
  const value = whole(text);
  if (value >= 0 && value <= 0xffff_ffff) return value;
  return usedWrongly(`"${text}" is not a seed`, "write a whole number from 0 to 4294967295");
}

/** A TCP port to listen at; 0 lets the system choose. */
export function tcpPort(text: string): number {
  const value = whole(text);
  if (value >= 0 && value <= 65_535) return value;
  return usedWrongly(`"${text}" is not a TCP port`, "write a number from 1 to 65535, or 0 for any that is free");
}

/** An EUI-64 as people write it, "90-B3-D5-1F-30-01-00-00" too, in 16 lower-case digits. */
export function eui64(text: string): Eui {
  const digits = text.replaceAll(/[-:]/g, "").toLowerCase();
  if (/^[0-9a-f]{16}$/.test(digits) && !/^(0+|f+)$/.test(digits)) return digits;
  return usedWrongly(`"${text}" is not an EUI-64`, "write 16 hexadecimal digits, such as 02-1f-30-00-00-00-00-01");
}

/** What a register of 32 bits can read. */
export function registerWh(text: string): number {
  const value = whole(text);
  if (value >= 0 && value <= 0xffff_ffff) return value;
  return usedWrongly(`"${text}" is no reading of a register`, "write whole Wh from 0 to 4294967295");
}

export function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value))
    return usedWrongly(`"${text}" is not a positive number`, "write a number such as 2.5");
  return value;
}

/** 1234567 Wh as "1,234.567 kWh". */
export function kwh(wh: number): string {
  return `${Math.floor(wh / 1_000).toLocaleString("en-GB")}.${String(wh % 1_000).padStart(3, "0")} kWh`;
}

/** How long, as a person says it: "45 s", "12 min", "3 h", "8 days". */
export function duration(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1_000));
  if (s < 120) return `${s} s`;
  if (s < 7_200) return `${Math.floor(s / 60)} min`;
  return s < 172_800 ? `${Math.floor(s / 3_600)} h` : `${Math.floor(s / 86_400)} days`;
}
