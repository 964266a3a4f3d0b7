// Times as GBCS writes them: date-time in 12 octets, date in 5, time in 4.
//
//   07DE 0C 1F  FF          17 3B 0A  00          8000              FF
//   year mo day day-of-week h  m  s   hundredths  minutes from UTC  clock status       all of it UTC

/** All 00 and 8000FF stands for now, all FF and 8000FF for never. */
export type DateTime =
  | { readonly kind: "moment"; readonly utc_ms: number }
  | { readonly kind: "now" }
  | { readonly kind: "never" };

/** A day of the calendar; null: every year, every month, every day. */
export interface DlmsDate {
  readonly year: number | null;
  readonly month: number | null;
  readonly day: number | null;
}

export interface DlmsTime {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const ANY = 0xff;
const ANY_YEAR = 0xffff;
const DEVIATION_NONE = 0x8000;
/** The years of RFC 3339, and so of the state: what it holds can be told. */
const YEAR_LAST = 9999;

/** A part of a second is left out: the meter's clock tells whole ones. */
export function encodeDateTime(time: DateTime): Uint8Array {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  if (time.kind === "never") bytes.fill(ANY);
  if (time.kind === "moment") {
    const date = new Date(time.utc_ms);
    const year = date.getUTCFullYear();
    if (!(year >= 0 && year <= YEAR_LAST)) throw new RangeError(`${time.utc_ms} ms is no time of the calendar`);
    view.setUint16(0, year);
    bytes[2] = date.getUTCMonth() + 1;
    bytes[3] = date.getUTCDate();
    bytes[4] = ANY;
    bytes[5] = date.getUTCHours();
    bytes[6] = date.getUTCMinutes();
    bytes[7] = date.getUTCSeconds();
  }
  view.setUint16(9, DEVIATION_NONE);
  bytes[11] = ANY;
  return bytes;
}

/** Whatever the day of the week, the hundredths and the clock status; undefined where it is no single time of UTC. */
export function decodeDateTime(bytes: Uint8Array): DateTime | undefined {
  if (bytes.length !== 12) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 12);
  const deviation = view.getUint16(9);
  if (deviation !== DEVIATION_NONE && deviation !== 0) return undefined;
  const told = bytes.subarray(0, 9);
  if (told.every((octet) => octet === 0)) return { kind: "now" };
  if (told.every((octet) => octet === ANY)) return { kind: "never" };
  const date = decodeDate(bytes.subarray(0, 5));
  const time = decodeTime(bytes.subarray(5, 9));
  if (date === undefined || time === undefined) return undefined;
  const { year, month, day } = date;
  if (year === null || month === null || day === null || year > YEAR_LAST) return undefined;
  const midnight = new Date(0).setUTCFullYear(year, month - 1, day);
  return { kind: "moment", utc_ms: midnight + ((time.hour * 60 + time.minute) * 60 + time.second) * 1000 };
}

/** Whatever the day of the week. Undefined for dates that cannot be, and those that GBCS does not use (the last day of a month). */
export function decodeDate(bytes: Uint8Array): DlmsDate | undefined {
  if (bytes.length !== 5) return undefined;
  const [high = 0, low = 0, month = 0, day = 0] = bytes;
  const year = high * 256 + low;
  const date = {
    year: year === ANY_YEAR ? null : year,
    month: month === ANY ? null : month,
    day: day === ANY ? null : day,
  };
  return isDate(date) ? date : undefined;
}

export function encodeTime({ hour, minute, second }: DlmsTime): Uint8Array {
  if (!isTime({ hour, minute, second })) throw new RangeError(`${hour}:${minute}:${second} is no time`);
  return Uint8Array.of(hour, minute, second, 0);
}

/** Whatever the hundredths. Undefined where a part is not told or cannot be. */
export function decodeTime(bytes: Uint8Array): DlmsTime | undefined {
  if (bytes.length !== 4) return undefined;
  const [hour = 0, minute = 0, second = 0] = bytes;
  const time = { hour, minute, second };
  return isTime(time) ? time : undefined;
}

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

function isDate({ year, month, day }: DlmsDate): boolean {
  const within = (value: number | null, from: number, to: number) =>
    value === null || (Number.isInteger(value) && value >= from && value <= to);
  if (!within(year, 0, ANY_YEAR - 1) || !within(month, 1, 12)) return false;
  const days = month === null ? 31 : (DAYS[month - 1] ?? 31);
  const leap = year === null || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0));
  return within(day, 1, month === 2 && !leap ? 28 : days);
}

function isTime({ hour, minute, second }: DlmsTime): boolean {
  const within = (value: number, to: number) => Number.isInteger(value) && value >= 0 && value <= to;
  return within(hour, 23) && within(minute, 59) && within(second, 59);
}
