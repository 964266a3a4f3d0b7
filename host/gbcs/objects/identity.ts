// Who the meter is, what it shows its people, its randomised offset, and which events it tells and writes down.
// docs/spec/gbcs.md, "The table".

import type { EsmeState } from "../../ledger/state/state.js";
import { octets } from "../../wire/dlms/data.js";
import { bits, bytesOfHex, fixed, hex, hexOf, MOMENT, mapped, text, U16 } from "../codecs.js";
import type { Codec, Item } from "../item.js";
import { attribute, put, setting, value } from "../rows.js";

const of = (name: string, obis: string) => attribute(name, 1, obis, 2);

const VARIANTS = ["A", "B", "C"] as const;
const VARIANT = mapped(
  text("octet-string", 1),
  (variant: (typeof VARIANTS)[number]) => variant,
  (letter) => VARIANTS.find((variant) => variant === letter),
);

const IDENTITY_ROW: Item = {
  ...of("Device.identifier", "0-0:96.1.1.255"),
  get: ({ identity }) => octets(bytesOfHex(identity)),
  // Whoever answers under another meter's name is not to be learnt from; the name itself is no part of the state.
  put: (_draft, data) => data.type === "octet-string" && data.bytes.length === 8,
};

type Mpans = EsmeState["meterPointAdministrationNumber"];
const MPAN_LENGTH = 13;

/** One MPAN after another; no octets: none. */
const MPANS: Codec<Pick<Mpans, "importMPAN" | "secondaryImportMPAN">> = mapped(
  text("octet-string", 2 * MPAN_LENGTH),
  ({ importMPAN, secondaryImportMPAN }) => (importMPAN ?? "") + (secondaryImportMPAN ?? ""),
  (digits) => ({
    importMPAN: digits.slice(0, MPAN_LENGTH) || null,
    secondaryImportMPAN: digits.slice(MPAN_LENGTH) || null,
  }),
);
const EXPORT_MPAN = mapped(
  text("octet-string", MPAN_LENGTH),
  (mpan: string | null) => mpan ?? "",
  (digits) => digits || null,
);

const COMBINED_MPANS: Item = {
  ...of("MeterPointAdministrationNumber(combinedMPANS).value", "0-0:94.44.34.11"),
  get: ({ state: { meterPointAdministrationNumber: mpans } }) =>
    // A secondary MPAN has no place in these octets but after a whole one.
    mpans.importMPAN?.length !== MPAN_LENGTH && mpans.secondaryImportMPAN !== null ? null : MPANS.to(mpans),
  settable: true,
  put: (draft, data) => {
    const mpans = MPANS.from(data);
    if (mpans === undefined) return false;
    const { exportMPAN } = draft.section("meterPointAdministrationNumber");
    draft.put("meterPointAdministrationNumber", { ...mpans, exportMPAN });
    return true;
  },
};

/** A string of no octets ends the protection; nothing brings it back. */
const PIN_OFF = fixed(octets(new Uint8Array(0)));
const DISABLE_PIN: Item = {
  ...of("DisablePrivacyPinProtection.value", "0-0:94.44.3.1"),
  settable: true,
  put: (draft, data) => {
    if (PIN_OFF.from(data) === undefined) return false;
    draft.put("disablePrivacyPinProtection", { value: true });
    return true;
  },
};

const SUPPLIER = "alertsConfigurationSettingsSupplier";
const OPERATOR = "alertsConfigurationSettingsNetworkOperator";
const SETTINGS = bits(256);
const MASK_AND_VALUES = bits(512);

/** Read: a bit for each event. Set: 256 bits of a mask, then the values of those in it; the others stay. */
function alertRows(
  names: readonly [set: string, read: string],
  obis: readonly [set: string, read: string],
  path:
    | readonly [typeof SUPPLIER, keyof EsmeState[typeof SUPPLIER]]
    | readonly [typeof OPERATOR, keyof EsmeState[typeof OPERATOR]],
): readonly Item[] {
  const [section, field] = path;
  return [
    {
      ...of(names[0], obis[0]),
      settable: true,
      put: (draft, data) => {
        const both = MASK_AND_VALUES.from(data);
        if (both === undefined) return false;
        const [mask, values] = [bytesOfHex(both.slice(0, 64)), bytesOfHex(both.slice(64))];
        const settings: { readonly [name: string]: string } = draft.section(section);
        const before = bytesOfHex(settings[field] ?? "");
        const after = before.map((octet, at) => (octet & ~(mask[at] ?? 0)) | ((values[at] ?? 0) & (mask[at] ?? 0)));
        put(draft, section, [field], hexOf(after));
        return true;
      },
    },
    value(of(names[1], obis[1]), path, SETTINGS),
  ];
}

const ofSupplier = (what: string) => `AlertsConfigurationSettings(Supplier).${what}`;
const ofOperator = (what: string) => `AlertsConfigurationSettings(NetworkOperator).${what}`;

export const IDENTITY: readonly Item[] = [
  value(of("FirmwareVersion.value", "0-0:0.2.1.255"), ["firmwareVersion", "value"], hex(8)),
  IDENTITY_ROW,
  value(of("MeterVariant.value", "0-0:96.1.2.255"), ["meterVariant", "value"], VARIANT),
  value(of("ModelType.value", "0-0:96.1.4.255"), ["modelType", "value"], text("octet-string", 8)),
  value(
    of("ManufacturerIdentifier.value", "0-0:96.1.6.255"),
    ["manufacturerIdentifier", "value"],
    text("octet-string", 8),
  ),
  COMBINED_MPANS,
  setting(
    of("MeterPointAdministrationNumber(ExportMPAN).value", "1-0:0.0.2.255"),
    ["meterPointAdministrationNumber", "exportMPAN"],
    EXPORT_MPAN,
  ),
  setting(of("SupplierMessage.value", "0-2:96.13.1.255"), ["supplierMessage", "value"], text("octet-string", 116)),
  setting(
    attribute("ContactDetails.supplierTelephoneNumber", 9000, "0-0:96.13.0.255", 2),
    ["contactDetails", "supplierTelephoneNumber"],
    text("octet-string", 18),
  ),
  setting(
    attribute("ContactDetails.supplierName", 9000, "0-0:96.13.1.255", 2),
    ["contactDetails", "supplierName"],
    text("octet-string", 15),
  ),
  setting(
    of("CustomerIdentificationNumber.value", "0-3:96.13.1.255"),
    ["customerIdentificationNumber", "value"],
    text("octet-string", 4),
  ),
  DISABLE_PIN,
  setting(of("RestrictDataDateTime.value", "0-0:94.44.3.2"), ["restrictDataDateTime", "value"], MOMENT),
  ...alertRows(
    [ofSupplier("maskAndActionsForWANAlerting"), ofSupplier("settingsForWANAlerting")],
    ["0-30:97.98.11.255", "0-30:97.98.15.255"],
    [SUPPLIER, "settingsForWANAlerting"],
  ),
  ...alertRows(
    [ofSupplier("maskAndActionsForHANDeviceSharing"), ofSupplier("settingsForHANDeviceSharing")],
    ["0-30:97.98.12.255", "0-30:97.98.16.255"],
    [SUPPLIER, "settingsForHANDeviceSharing"],
  ),
  ...alertRows(
    [ofSupplier("maskAndActionsForAlarms"), ofSupplier("settingsForAlarms")],
    ["0-30:97.98.13.255", "0-30:97.98.17.255"],
    [SUPPLIER, "settingsForAlarms"],
  ),
  ...alertRows(
    [ofSupplier("maskAndActionsForLogging"), ofSupplier("settingsForLogging")],
    ["0-30:97.98.14.255", "0-30:97.98.18.255"],
    [SUPPLIER, "settingsForLogging"],
  ),
  ...alertRows(
    [ofOperator("maskAndActionsForWANAlerting"), ofOperator("settingsForWANAlerting")],
    ["0-33:97.98.11.255", "0-33:97.98.15.255"],
    [OPERATOR, "settingsForWANAlerting"],
  ),
  ...alertRows(
    [ofOperator("maskAndActionsForLogging"), ofOperator("settingsForLogging")],
    ["0-33:97.98.14.255", "0-33:97.98.18.255"],
    [OPERATOR, "settingsForLogging"],
  ),
  value(of("RandomisedOffset.value", "0-0:94.44.0.0"), ["randomisedOffset", "value"], U16),
  setting(of("RandomisedOffsetLimit.value", "0-0:94.44.0.1"), ["randomisedOffsetLimit", "value"], U16),
  value(of("RandomisedOffsetNumber.value", "0-0:94.44.0.2"), ["randomisedOffsetNumber", "value"], U16),
];
