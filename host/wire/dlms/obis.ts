// OBIS codes: six octets that name a COSEM object, written A-B:C.D.E.F: "1-0:2.8.0.255".
// One text for one code: decimal, without zeros before it.

/** Undefined where there are not six octets. */
export function obisOf(octets: Uint8Array): string | undefined {
  if (octets.length !== 6) return undefined;
  return `${octets[0]}-${octets[1]}:${octets[2]}.${octets[3]}.${octets[4]}.${octets[5]}`;
}

const OBIS = /^(\d{1,3})-(\d{1,3}):(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** Undefined where the text is no OBIS code. */
export function octetsOfObis(text: string): Uint8Array | undefined {
  const groups = OBIS.exec(text)?.slice(1).map(Number);
  if (groups === undefined || groups.some((group) => group > 255)) return undefined;
  const octets = Uint8Array.from(groups);
  return obisOf(octets) === text ? octets : undefined;
}
