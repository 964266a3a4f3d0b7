// The codes of alerts and log entries: one table, each with a sentence of ours and how sure its meaning is. A code that no source explains
// does not stand here and is never used.

/** "facts": the list of what a SMETS2 meter does says so. "reference messages": the official reference messages show it under a name that
 * says so. "parsers": two public programs that read GBCS (the parser of Smart DCC, Wireshark) give that meaning; the specification itself
 * was not at hand. */
export type Sure = "facts" | "reference messages" | "parsers";

export interface Code {
  readonly code: number;
  /** The next three codes say the same of phases 1, 2 and 3. */
  readonly eachPhase?: true;
  readonly sentence: string;
  readonly sure: Sure;
}

const phased = (code: number, sentence: string): Code => ({ code, eachPhase: true, sentence, sure: "parsers" });
const read = (code: number, sentence: string): Code => ({ code, sentence, sure: "parsers" });
const fact = (code: number, sentence: string): Code => ({ code, sentence, sure: "facts" });
const seen = (code: number, sentence: string): Code => ({ code, sentence, sure: "reference messages" });

export const CODES = {
  // Voltage and outages: the power event log. Facts 14 and 15 give the ranges, the parsers which code means what.
  averageOverVoltage: phased(0x8002, "the average voltage passed above its over-voltage threshold"),
  averageUnderVoltage: phased(0x8006, "the average voltage passed below its under-voltage threshold"),
  extremeOverVoltage: phased(0x8020, "the voltage stayed above the extreme over-voltage threshold"),
  voltageSwell: phased(0x8024, "the voltage stayed above the swell threshold"),
  extremeUnderVoltage: phased(0x8028, "the voltage stayed below the extreme under-voltage threshold"),
  voltageSag: phased(0x802c, "the voltage stayed below the sag threshold"),
  averageOverVoltageEnded: phased(0x8085, "the average voltage is no longer above its over-voltage threshold"),
  averageUnderVoltageEnded: phased(0x8089, "the average voltage is no longer below its under-voltage threshold"),
  extremeOverVoltageEnded: phased(0x808d, "the voltage returned below the extreme over-voltage threshold"),
  voltageSwellEnded: phased(0x8091, "the voltage returned below the swell threshold"),
  extremeUnderVoltageEnded: phased(0x8095, "the voltage returned above the extreme under-voltage threshold"),
  voltageSagEnded: phased(0x8099, "the voltage returned above the sag threshold"),
  outageRestored: fact(0x8f35, "the supply was restored after less than 3 minutes"),
  outageRestoredLong: fact(0x8f36, "the supply was restored after 3 minutes or more"),
  phase1Restored: read(0x8f37, "phase 1 was restored after less than 3 minutes"),
  phase1RestoredLong: read(0x8f38, "phase 1 was restored after 3 minutes or more"),
  phase2Restored: read(0x8f39, "phase 2 was restored after less than 3 minutes"),
  phase2RestoredLong: read(0x8f3a, "phase 2 was restored after 3 minutes or more"),
  phase3Restored: read(0x8f3b, "phase 3 was restored after less than 3 minutes"),
  phase3RestoredLong: read(0x8f3c, "phase 3 was restored after 3 minutes or more"),
  supplyInterrupted: phased(0x8f57, "the supply was interrupted"),

  // Load limit and supply state: the event log (0x8F01 stands in the event log of the reference messages).
  loadLimit: read(0x8f01, "the imported power stayed above the load limit"),
  supplyArmed: read(0x8f32, "the supply was armed"),
  loadLimitArmed: read(0x8f33, "the load limit disabled the supply and armed it"),
  loadLimitRestored: read(0x8f34, "the supply was enabled again after the load limit's restoration period"),
  supplyConnectFailed: read(0x81bd, "the switch did not connect the supply"),
  supplyTamperLocked: read(0x81be, "the supply was disabled and locked because of its tamper state"),
  supplyDisconnectFailed: read(0x81c0, "the switch did not disconnect the supply"),

  // Clock (facts 13).
  clockAdjusted: fact(0x8145, "the clock was adjusted, within tolerance"),
  clockNotAdjusted: fact(0x81c6, "the clock was not adjusted: outside tolerance"),
  clockNotAdjustedFar: fact(0x8f0c, "the clock was not adjusted: the adjustment is greater than 10 seconds"),

  // Commands, values that were planned, records.
  commandActioned: read(0x8154, "a command was received and obeyed"),
  commandNotActioned: read(0x8155, "a command was received and not obeyed"),
  userCommandActioned: read(0x8161, "somebody at the meter gave a command, and it was obeyed"),
  userCommandNotActioned: read(0x8162, "somebody at the meter gave a command, and it was not obeyed"),
  plannedActioned: seen(0x8f66, "a planned command took effect"),
  plannedNotActioned: seen(0x8f67, "a planned command did not take effect"),
  billingDataLogUpdated: seen(0x8f0a, "the billing data log has a new entry"),
  eventLogCleared: read(0x8f52, "the event log was cleared"),

  // Security log, and others that the logs of the reference messages hold.
  deviceLogChanged: read(0x8f12, "the list of devices on the home network changed"),
  integrityCheckFailed: read(0x8f1e, "a command failed the check of its content or form"),
  authorityMissing: read(0x8f30, "a command came from a source without the authority for it"),
  authenticationFailed: read(0x8f3d, "a trusted source failed its authentication"),
  communicationUnauthorised: read(0x8f3e, "somebody unauthorised tried to communicate"),
  tampered: read(0x8f3f, "somebody unauthorised reached the meter"),
  firmwareChanged: read(0x8f43, "another firmware version runs"),
  signingCertificateFailed: read(0x8f4c, "the meter's signing certificate was not replaced"),
  signingCertificateReplaced: read(0x8f4d, "the meter's signing certificate was replaced"),
  agreementCertificateFailed: read(0x8f4e, "the meter's key agreement certificate was not replaced"),
  agreementCertificateReplaced: read(0x8f4f, "the meter's key agreement certificate was replaced"),
  authorisationFailed: read(0x8f53, "an authentication or authorisation failed for another reason"),
  magneticField: read(0x8f75, "a strong magnetic field was applied"),
  tamperedOtherwise: read(0x8f78, "somebody unauthorised reached the meter in another way"),
  deviceJoined: read(0x8183, "a device joined the home network"),
  batteryCoverClosed: read(0x81a1, "the battery cover was closed"),
  hubConnected: read(0x81a2, "the communications hub was connected"),
  hubDisconnected: read(0x81a3, "the communications hub was disconnected"),
  closeTunnelRejected: read(0x81a4, "a request to close a tunnel was rejected"),
  localPortUsed: read(0x81a5, "somebody communicated over the local port"),
  messageAcknowledged: read(0x81a6, "the customer acknowledged a message"),
  timeDebt1Collected: read(0x81a7, "the first time debt is collected"),
  timeDebt2Collected: read(0x81a8, "the second time debt is collected"),
  paymentDebtCollected: read(0x81a9, "the payment debt is collected"),
  emergencyCreditExhausted: read(0x81aa, "the emergency credit is used up"),
  emergencyCreditActivated: read(0x81ab, "the emergency credit was activated"),
  measurementFault: read(0x81ac, "the measurement has a fault"),
  metrologyFirmwareFault: read(0x81ad, "the metrology firmware failed its verification"),
  memoryFault: read(0x81ae, "the non-volatile memory has a fault"),
  programFault: read(0x81af, "the program stopped with a fault"),
  programStorageFault: read(0x81b0, "the program's storage has a fault"),
  ramFault: read(0x81b1, "the working memory has a fault"),
  unexpectedReset: read(0x81b2, "the hardware was reset unexpectedly"),
  watchdogFault: read(0x81b3, "the watchdog had to act"),
  meterCoverClosed: read(0x81b9, "the meter's cover was closed"),
  tunnelRejected: read(0x81ba, "a request for a tunnel was rejected"),
  magneticFieldRemoved: read(0x81bc, "the strong magnetic field was removed"),
} as const satisfies { readonly [name: string]: Code };

/** The code of a condition of the whole supply, or of one phase of a polyphase meter. */
export function codeOf(one: Code, phase: 1 | 2 | 3 | null): number {
  return one.code + (phase ?? 0);
}

const SENTENCES: ReadonlyMap<number, string> = new Map(
  Object.values(CODES).flatMap((one: Code): [number, string][] => [
    [one.code, one.sentence],
    ...(one.eachPhase === true ? [1, 2, 3] : []).map((phase): [number, string] => [
      one.code + phase,
      `${one.sentence} (phase ${phase})`,
    ]),
  ]),
);

/** What a code means, in words; null where the table has none. */
export function sentenceOf(code: number): string | null {
  return SENTENCES.get(code) ?? null;
}
