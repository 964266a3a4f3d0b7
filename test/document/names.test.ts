// The names of a snapshot are those of SMETS: every object that the use cases of an ESME name has a section, or stands in the list of what
// is not there (docs/spec/smets2.md), and every section has an object, or is known to be ours.

import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { snapshot } from "../../host/document/declaration.js";

const USE_CASES = "../shared/gbcs/use-cases.json";
const absent = !existsSync(USE_CASES);
if (absent) console.log(`left out: ${USE_CASES} is not here, which names the objects of SMETS`);

/** Where one name stands for several objects, an object for part of a section, or for several sections. */
const ELSEWHERE: readonly (readonly [object: RegExp, section: string])[] = [
  [/^(Alerts|Events) Configuration Settings - Supplier$/, "alertsConfigurationSettingsSupplier"],
  [/^(Alerts|Events) Configuration Settings - (DNO|Network Operator)$/, "alertsConfigurationSettingsNetworkOperator"],
  [/^Auxiliary(Proportional)?Controller\[/, "auxiliaryController"],
  [/^BoostFunctionControl\[/, "auxiliaryController"],
  [/^BillingDataLog\(BillingCalendar/, "billingDataLogBillingCalendarTriggeredExcExport"],
  // The balances of the same moments, which ECS20c reads.
  [/^BillingDataLog\(BillingCalendar/, "billingDataLogBillingCalendarTriggeredPrepayment"],
  [/^BillingDataLog\(SetPaymentMode/, "billingDataLogSetPaymentModeOrTariffTriggeredExcExport"],
  [/^DebtRecoveryRateCap$/, "debtRecoveryRateCapAmount"],
  [/^DebtRecoveryRateCap$/, "debtRecoveryRateCapPeriod"],
  [/^DebtRecoveryRates\[/, "debtRecoveryRates"],
  [/^EventLog\(incGPF\)$/, "eventLog"],
  [/^SecurityLog\(notCHF\)$/, "securityLog"],
  [/^ImportRegisterCollection$/, "activeImportRegister"],
  [/^LoadLimitPeriod\(Timer\)$/, "loadLimitPeriod"],
  [/^LoadLimitRestorationPeriod\(Timer\)$/, "loadLimitRestorationPeriod"],
  [/^MaximumDemandActive(Energy|Power)ImportValue$/, "maximumDemandActivePowerImportValue"],
  [/^MaximumDemandActive(Energy|Power)ExportValue$/, "maximumDemandActivePowerExportValue"],
  [
    /^MaximumDemand\(ConfigurableTime\)Active(Energy|Power)ImportValue$/,
    "maximumDemandConfigurableTimeActivePowerImportValue",
  ],
  [/^MeterPointAdministrationNumber\(/, "meterPointAdministrationNumber"],
  [/^ModelType\(SmartMeter\)$/, "modelType"],
  // The balances of a moment in one object: ECS19 reads what is six sections here.
  [/^PrepaymentBalanceCollection$/, "accumulatedDebtRegister"],
  [/^SupplyOutageRestore$/, "supplyAccount"],
  [/^TariffBlock\[1to4\]CounterMatrixTOU/, "tariffBlockTOURegisterCollection"],
  [/^TariffThresholdMatrixBlocks/, "tariffThresholdMatrix"],
  [/^TimeDebtRegisters\[/, "timeDebtRegisters"],
  ...["suspendDebtDisabled", "suspendDebtEmergency", "paymentMode"].map(
    (section) => [/^SuspendDebtDisabled \/ SuspendDebtEmergency/, section] as const,
  ),
];
/** Objects that this meter does not have, by what they belong to. */
const NOT_THERE: readonly RegExp[] = [
  // A top-up is a command, and this meter takes none.
  /^PrepaymentCredit$/,
  // Alerts of proportional controllers, of which it has none.
  /^LimitAPC/,
  // The communications hub's own.
  /CHF\)|CHManufacturer|CommsHub/,
];
/** Sections of SMETS that no use case of the table reads, and those of ours that do not end in Account. */
const WITHOUT_OBJECT = [
  ...["schema", "at", "meter", "source", "netting", "unplacedReadings"],
  ...["reactiveImportRegister", "cumulativeAndHistoricalValueStore"],
];

test.skipIf(absent)("the sections of a snapshot have the names of SMETS objects", () => {
  const cases = JSON.parse(readFileSync(USE_CASES, "utf8")) as { useCase: string; items: { object: string }[] }[];
  const objects = new Set(
    cases.filter(({ useCase }) => /^(ECS|CS)/.test(useCase)).flatMap(({ items }) => items.map(({ object }) => object)),
  );
  const sections = Object.keys(snapshot.shape);
  const plain = (name: string) => name.replace(/[^A-Za-z0-9]/g, "").toLowerCase();
  const named = new Set<string>();
  const missing: string[] = [];
  for (const object of objects) {
    const elsewhere = ELSEWHERE.filter(([pattern]) => pattern.test(object)).map(([, section]) => section);
    const same = sections.filter((name) => plain(name) === plain(object.replace(/\(Phase\[\d\]\)/, "")));
    const found = elsewhere.length > 0 ? elsewhere : same;
    for (const section of found) named.add(section);
    if (found.length === 0 && !NOT_THERE.some((pattern) => pattern.test(object))) missing.push(object);
  }
  expect(missing).toEqual([]);
  expect([...named].filter((name) => !sections.includes(name))).toEqual([]);
  const without = sections.filter(
    (name) => !named.has(name) && !name.endsWith("Account") && !WITHOUT_OBJECT.includes(name),
  );
  expect(without).toEqual([]);
});
