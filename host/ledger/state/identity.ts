// Who the meter is, whom it belongs to, what it shows its people and to whom it has spoken, under SMETS names.

import { z } from "zod";
import { counter64, moment, octets } from "./words.js";

const text = (longest: number) => z.strictObject({ value: z.string().max(longest) }).readonly();
/** One bit for each of 256 events or alerts, as GBCS numbers them. */
const bits256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, "256 bits are 64 hexadecimal digits")
  .meta({ unit: "hexadecimal" });
const eui = z
  .string()
  .regex(/^[0-9a-f]{16}$/, "an identifier is 16 hexadecimal digits")
  .meta({ unit: "hexadecimal" });

/** A command that planned something: what the alert of its activation tells. */
const origin = z
  .strictObject({ messageCode: z.int().min(0).max(0xffff), originator: eui, counter: counter64 })
  .readonly();
export type Origin = z.output<typeof origin>;

export const PARTIES = 32;

export const identityState = {
  manufacturerIdentifier: text(8),
  modelType: text(8),
  firmwareVersion: z.strictObject({ value: octets(8) }).readonly(),
  supplierMessage: text(116),
  contactDetails: z
    .strictObject({ supplierTelephoneNumber: z.string().max(18), supplierName: z.string().max(15) })
    .readonly(),
  customerIdentificationNumber: text(4),
  /** What is older is not for the customer's devices (change of tenancy); null: all is. */
  restrictDataDateTime: z.strictObject({ value: moment.nullable() }).readonly(),
  /** Whether the supplier ended the protection by a PIN. This meter has none. */
  disablePrivacyPinProtection: z.strictObject({ value: z.boolean() }).readonly(),
  alertsConfigurationSettingsSupplier: z
    .strictObject({
      settingsForWANAlerting: bits256,
      settingsForHANDeviceSharing: bits256,
      settingsForAlarms: bits256,
      settingsForLogging: bits256,
    })
    .readonly(),
  alertsConfigurationSettingsNetworkOperator: z
    .strictObject({ settingsForWANAlerting: bits256, settingsForLogging: bits256 })
    .readonly(),
  communicationsAccount: z
    .strictObject({
      /** The counter of the last message that the meter began itself. */
      originatorCounter: counter64,
      /** The highest counter of a command that each party gave, so that none is obeyed twice. */
      received: z
        .array(z.strictObject({ party: eui, counter: counter64 }).readonly())
        .max(PARTIES)
        .readonly(),
      /** Which command planned what is planned in a section. */
      planned: z
        .array(z.strictObject({ section: z.string(), origin }).readonly())
        .max(64)
        .readonly(),
    })
    .readonly(),
};

const NO_BITS = "0".repeat(64);
/** A new meter tells and logs everything, until its supplier or its network operator turns something off. Our choice. */
const ALL_BITS = "f".repeat(64);

export function newIdentityState() {
  return {
    manufacturerIdentifier: { value: "" },
    modelType: { value: "" },
    firmwareVersion: { value: "" },
    supplierMessage: { value: "" },
    contactDetails: { supplierTelephoneNumber: "", supplierName: "" },
    customerIdentificationNumber: { value: "" },
    restrictDataDateTime: { value: null },
    disablePrivacyPinProtection: { value: false },
    alertsConfigurationSettingsSupplier: {
      settingsForWANAlerting: ALL_BITS,
      settingsForHANDeviceSharing: NO_BITS,
      settingsForAlarms: NO_BITS,
      settingsForLogging: ALL_BITS,
    },
    alertsConfigurationSettingsNetworkOperator: { settingsForWANAlerting: ALL_BITS, settingsForLogging: ALL_BITS },
    communicationsAccount: { originatorCounter: 0n, received: [], planned: [] },
  };
}
