// What values are in words: date-times, OBIS codes, texts, numbers, results. No value is too odd to be said.

import type { Data } from "../../wire/dlms/data.js";
import { obisOf } from "../../wire/dlms/obis.js";

export function hexOf(octets: Uint8Array, most = 64): string {
  let hex = "";
  for (const octet of octets.subarray(0, most)) hex += octet.toString(16).toUpperCase().padStart(2, "0");
  return octets.length > most ? `${hex}.. (${octets.length} octets)` : hex;
}

/** "8F36" */
export function hex16(value: number): string {
  return value.toString(16).toUpperCase().padStart(4, "0");
}

const SPECIAL: { readonly [hex: string]: string } = {
  "0000000000000000008000FF": "now",
  FFFFFFFFFFFFFFFFFF8000FF: "never",
};

/** A DLMS date-time of 12 octets; FF is "not said". */
export function dateTimeWords(octets: Uint8Array): string {
  const special = SPECIAL[hexOf(octets)];
  if (special !== undefined) return special;
  const [yearHigh = 0, yearLow = 0, month = 0, day = 0, weekday = 0, hour = 0, minute = 0, second = 0] = octets;
  const [hundredths = 0, deviationHigh = 0, deviationLow = 0, status = 0] = octets.subarray(8);
  const year = yearHigh * 256 + yearLow;
  const deviation = deviationHigh * 256 + deviationLow;
  const date = `${year === 0xffff ? "****" : String(year).padStart(4, "0")}-${two(month)}-${two(day)}`;
  const time = `${two(hour)}:${two(minute)}:${two(second)}${hundredths % 0xff === 0 ? "" : `.${two(hundredths)}`}`;
  const more = [
    weekday === 0xff ? "" : `day of week ${weekday}`,
    deviation === 0x8000 ? "" : `deviation ${deviation > 0x7fff ? deviation - 0x10000 : deviation} min`,
    status === 0xff ? "" : `clock status ${hexOf(Uint8Array.of(status))}`,
  ];
  return [`${date} ${time}`, ...more.filter((one) => one !== "")].join(", ");
}

function two(value: number): string {
  return value === 0xff ? "**" : String(value).padStart(2, "0");
}

/** A value that holds no others, or few: on one line. */
export function dataWords(data: Data): string {
  switch (data.type) {
    case "null-data":
      return "null-data";
    case "array":
    case "structure":
      return `${data.type} {${data.items.map(dataWords).join(", ")}}`;
    case "boolean":
      return `boolean ${data.value}`;
    case "bit-string":
      return `bit-string(${data.bits}) ${bitsOf(data.bytes, data.bits)}`;
    case "octet-string":
      return `octet-string(${data.bytes.length})${data.bytes.length === 0 ? "" : ` ${octetWords(data.bytes)}`}`;
    case "visible-string":
    case "utf8-string":
      return `${data.type} ${JSON.stringify(new TextDecoder().decode(data.bytes))}`;
    case "compact-array":
      return `compact-array of ${data.rows.length} rows`;
    default:
      return `${data.type} ${data.value}`;
  }
}

function octetWords(octets: Uint8Array): string {
  if (octets.length === 12) return `${hexOf(octets)} = ${dateTimeWords(octets)}`;
  const text = octets.length > 2 && octets.every((octet) => octet >= 0x20 && octet < 0x7f);
  if (text) return `${hexOf(octets)} = ${JSON.stringify(new TextDecoder().decode(octets))}`;
  if (octets.length === 6 && octets[5] === 0xff) return `${hexOf(octets)} = ${obisOf(octets)}`;
  return hexOf(octets);
}

function bitsOf(bytes: Uint8Array, bits: number): string {
  const all = Array.from(bytes, (octet) => octet.toString(2).padStart(8, "0")).join("");
  return bits > 64 ? `${all.slice(0, 64)}..` : all.slice(0, bits);
}

const RESULT_WORDS: { readonly [result: number]: string } = {
  0: "success",
  1: "hardware fault",
  2: "temporary failure",
  3: "read-write denied",
  4: "object undefined",
  250: "other reason",
};
export function resultWords(result: number): string {
  return RESULT_WORDS[result] ?? "a result that is not known";
}
