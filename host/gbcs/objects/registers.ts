// The registers of energy and of power: class 3, and GBCS's own collections (class 1), each read whole. The forms of a twin element meter
// are read off the reference messages. No reference message has the form with blocks (ECS17e): its order is the use-case table's.

import type { EsmeState } from "../../ledger/state/state.js";
import type { Data } from "../../wire/dlms/data.js";
import { fields, list, mapped, scalerUnit, U32, UNITS } from "../codecs.js";
import type { Item } from "../item.js";
import type { Draft, MeterView } from "../meter-view.js";
import { attribute, constant, value } from "../rows.js";
import { isTwin, learnVariant } from "../variants.js";

const WH = scalerUnit(UNITS.Wh);
const VARH = scalerUnit(UNITS.varh);

const IMPORT = { active: U32, wh: WH, reactive: U32, varh: VARH };
const SINGLE_IMPORT = fields(IMPORT);
const TWIN_IMPORT = fields({ ...IMPORT, secondary: U32 });

/** Of all elements, and of the primary one. */
const POWER = fields({ active: U32, w: scalerUnit(UNITS.W), primary: U32 });

const PRIMARY_TOU = { touPrimaryRegister: list(U32, 48, 48) };
const SINGLE_TOU = fields(PRIMARY_TOU);
const TWIN_TOU = fields({ ...PRIMARY_TOU, touSecondRegister: list(U32, 4, 4) });

/** Of each block 1..4 its registers of TOU 1..8, then its counters of TOU 1..8. */
const BLOCKS = mapped<{ readonly all: readonly number[] }, EsmeState["tariffBlockTOURegisterCollection"]>(
  fields({ all: list(U32, 64, 64) }),
  ({ tariffBlockRegisterMatrix: registers, tariffBlockCounterMatrix: counters }) => ({
    all: registers.flatMap((block, at) => [...block, ...(counters[at] ?? [])]),
  }),
  ({ all }) => ({
    tariffBlockRegisterMatrix: [0, 16, 32, 48].map((from) => all.slice(from, from + 8)),
    tariffBlockCounterMatrix: [8, 24, 40, 56].map((from) => all.slice(from, from + 8)),
  }),
);

const blocks = attribute("TariffBlockTOURegisterCollection.value", 1, "0-0:94.44.34.2", 2);

export const REGISTERS: readonly Item[] = [
  register("ActiveExportRegister.value", "1-0:2.8.0.255", 1),
  constant(attribute("ActiveExportRegister.scale", 3, "1-0:2.8.0.255", 3), WH),
  register("ReactiveExportRegister.value", "1-0:4.8.0.255", 3),
  constant(attribute("ReactiveExportRegister.scale", 3, "1-0:4.8.0.255", 3), VARH),
  {
    ...attribute("ImportRegisterCollection.value", 1, "0-0:94.44.34.10", 2),
    get: importRegisters,
    put: learnImportRegisters,
  },
  { ...attribute("PowerImportCollection.value", 1, "0-0:94.44.34.20", 2), get: power, put: learnPower },
  { ...attribute("TariffTOURegisterCollection.value", 1, "0-0:94.44.34.1", 2), get: touRegisters, put: learnTou },
  value(blocks, ["tariffBlockTOURegisterCollection"], BLOCKS),
];

/** A register by its place among the four quantities. */
function register(name: string, obis: string, quantity: 1 | 3): Item {
  return {
    ...attribute(name, 3, obis, 2),
    get: (view) => U32.to(view.registers_wh()[quantity]),
    put: (draft, data) => {
      const wh = U32.from(data);
      if (wh === undefined) return false;
      draft.registers.set(quantity, wh);
      return true;
    },
  };
}

function importRegisters(view: MeterView): Data {
  const [active, , reactive] = view.registers_wh();
  const single = { active, wh: null, reactive, varh: null };
  // A secondary element that nobody measures has counted nothing yet.
  return isTwin(view.state)
    ? TWIN_IMPORT.to({ ...single, secondary: view.secondary_wh() ?? 0 })
    : SINGLE_IMPORT.to(single);
}

function learnImportRegisters(draft: Draft, data: Data): boolean {
  const twin = TWIN_IMPORT.from(data);
  const told = twin ?? SINGLE_IMPORT.from(data);
  if (told === undefined) return false;
  draft.registers.set(0, told.active);
  draft.registers.set(2, told.reactive);
  if (twin === undefined) return true;
  draft.registers.set("secondary", twin.secondary);
  learnVariant(draft, "B");
  return true;
}

/** Null before the first measurement. */
function power({ live }: MeterView): Data | null {
  const { activePowerImport: active, primaryActivePowerImport: primary } = live.powerImportCollection;
  return active === null || primary === null ? null : POWER.to({ active, w: null, primary });
}

function learnPower(draft: Draft, data: Data): boolean {
  const told = POWER.from(data);
  if (told === undefined) return false;
  const { active, primary } = told;
  const measured = { activePowerImport: active, primaryActivePowerImport: primary };
  draft.putLive("powerImportCollection", { ...draft.live("powerImportCollection"), ...measured });
  return true;
}

function touRegisters({ state }: MeterView): Data {
  return (isTwin(state) ? TWIN_TOU : SINGLE_TOU).to(state.tariffTOURegisterCollection);
}

function learnTou(draft: Draft, data: Data): boolean {
  const twin = TWIN_TOU.from(data);
  const told = twin ?? SINGLE_TOU.from(data);
  if (told === undefined) return false;
  draft.put("tariffTOURegisterCollection", { ...draft.section("tariffTOURegisterCollection"), ...told });
  if (twin !== undefined) learnVariant(draft, "B");
  return true;
}
