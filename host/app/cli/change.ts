// The commands that change a house, or say whether a change would be understood.

import { type Command, Option } from "commander";
import { eui64, registerWh } from "../words.js";
import { addCalibrate } from "./calibrate.js";
import { CONFIG, DATA, JSON_OUT } from "./options.js";

export function addChange(esme: Command): void {
  const set = esme.command("set").description("change what the meter holds; the security log says so");
  set
    .command("registers")
    .description("make the registers read as another meter's display does")
    .addOption(new Option("--import-wh <wh>", "whole Wh, 0 to 4294967295").argParser(registerWh).makeOptionMandatory())
    .addOption(new Option("--export-wh <wh>", "whole Wh, 0 to 4294967295").argParser(registerWh).makeOptionMandatory())
    .addOption(DATA())
    .addOption(JSON_OUT())
    .action(async (options) => (await import("../commands/set.js")).setRegisters(options));

  esme
    .command("config")
    .description("what esme.yaml says")
    .command("check")
    .description("whether esme.yaml would be understood; a mistake is told with its line")
    .addOption(DATA())
    .addOption(CONFIG())
    .addOption(JSON_OUT())
    .action(async (options) => (await import("../commands/config.js")).checkConfig(options));

  esme
    .command("snapshot")
    .description("the whole state of the meter as one JSON document, under SMETS names (docs/spec/snapshot.md)")
    .addOption(DATA())
    .addOption(JSON_OUT())
    .action(async (options) => (await import("../commands/snapshot.js")).snapshot(options));

  esme
    .command("restore <file>")
    .description("make the meter what a snapshot says; a newer meter refuses")
    .addOption(DATA())
    .addOption(JSON_OUT())
    .action(async (file, options) => (await import("../commands/snapshot.js")).restore(file, options));

  esme
    .command("commission")
    .description("make the meter's identity, keys and certificates, and say whom it trusts (docs/guides/keys.md)")
    .addOption(new Option("--identity <eui64>", "the meter's EUI-64 instead of a new one of its own").argParser(eui64))
    .addOption(new Option("--parties <file>", "trust the remote parties of this file: roles and public keys"))
    .addOption(new Option("--laboratory", "make remote parties too, with their keys, for a bench or a gateway"))
    .addOption(new Option("--renew", "replace the meter's keys; the old ones stay beside"))
    .addOption(DATA())
    .addOption(JSON_OUT())
    .action(async (options) => (await import("../commands/commission.js")).commissionCommand(options));

  addCalibrate(esme);
}
