// `esme set registers`: the registers shall read as another display does.

import { ask } from "../verbs.js";
import { kwh } from "../words.js";

interface Options {
  readonly data: string;
  readonly importWh: number;
  readonly exportWh: number;
  readonly json?: boolean;
}

export async function setRegisters({ data, importWh, exportWh, json }: Options): Promise<void> {
  await ask(data, { do: "set-registers", import_wh: importWh, export_wh: exportWh });
  const told = { schema: "esme/set-registers/1", import_wh: importWh, export_wh: exportWh };
  const words = `the registers read ${kwh(importWh)} import and ${kwh(exportWh)} export; the security log says so`;
  process.stdout.write(`${json === true ? JSON.stringify(told) : words}\n`);
}
