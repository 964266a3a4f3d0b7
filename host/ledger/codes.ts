// The codes of alerts and log entries, from the facts and the official reference messages; the sentence is ours. A code that no source
// explains stands in none of these tables.

/** SMETS 5.5.12.6 and facts 13..16. */
export const ALERTS = {
  averageOverVoltage: [0x8002, 0x8003, 0x8004],
  averageUnderVoltage: [0x8005, 0x8006, 0x8007],
  outageRestored: 0x8f35,
  outageRestoredLong: 0x8f36,
} as const;
