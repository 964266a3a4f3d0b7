// `esme read ...`, `esme export`, `esme meters` and `esme conformance`: everything that only looks.

import { type Command, Option } from "commander";
import { DATA, FROM, JSON_OUT, SOURCE, TO } from "./options.js";

/** What a reading command is called with. */
interface Asked {
  readonly data: string;
  readonly source?: string;
  readonly json?: boolean;
}

type Load = () => Promise<(options: Asked) => void>;
const records = () => import("../commands/read-records.js");
const tariff = () => import("../commands/read-tariff.js");
const supply = () => import("../commands/read-supply.js");

/** Name, what it shows, whether a range may be asked for, and the command. */
const READS: readonly (readonly [name: string, shows: string, ranged: boolean, load: Load])[] = [
  [
    "registers",
    "the four registers, and what explains them to the last Wh",
    false,
    async () => (await import("../commands/read.js")).readRegisters,
  ],
  [
    "profile",
    "the half hours, each stamped with its UTC end",
    true,
    async () => (await import("../commands/read-profile.js")).readProfile,
  ],
  [
    "tou",
    "the 48 time-of-use registers, and which of them takes the energy now",
    false,
    async () => (await tariff()).readTou,
  ],
  ["blocks", "the block registers, their counters and thresholds", false, async () => (await tariff()).readBlocks],
  [
    "tariff",
    "prices, seasons, days and switches, and the randomised offset",
    false,
    async () => (await tariff()).readTariff,
  ],
  [
    "max-demand",
    "the greatest average power of a half hour, and when",
    false,
    async () => (await records()).readMaxDemand,
  ],
  ["daily", "the daily read log: the registers at each midnight UTC", true, async () => (await records()).readDaily],
  ["consumption", "import of each UTC day", true, async () => (await records()).readConsumption],
  ["billing", "the registers at each end of a billing period", true, async () => (await records()).readBilling],
  ["history", "energy and money of London days, weeks and months", false, async () => (await records()).readHistory],
  [
    "voltage",
    "average voltages of each phase, and what they are held against",
    true,
    async () => (await supply()).readVoltage,
  ],
  [
    "power-events",
    "outages, voltages out of bounds, the supply switched",
    true,
    async () => (await supply()).readPowerEvents,
  ],
  [
    "events",
    "what happened besides energy: to the ledger, and the meter's event log",
    true,
    async () => (await import("../commands/read.js")).readEvents,
  ],
  ["security", "the security log: who changed what", true, async () => (await supply()).readSecurity],
  ["clock", "the clock's status and master", false, async () => (await supply()).readClock],
  [
    "netting",
    "what each rule for three phases would have counted and billed",
    true,
    async () => (await import("../commands/read-netting.js")).readNetting,
  ],
  [
    "boundaries",
    "self-consumption and consumption of the whole house, derived from all its sources",
    true,
    async () => (await import("../commands/read-boundaries.js")).readBoundaries,
  ],
];

export function addRead(esme: Command): void {
  const read = esme.command("read").description("what the meter keeps");
  for (const [name, shows, ranged, load] of READS) {
    const command = read.command(name).description(shows).addOption(DATA()).addOption(SOURCE());
    if (ranged) command.addOption(FROM()).addOption(TO());
    command.addOption(JSON_OUT()).action(async (options) => (await load())(options));
  }
  read
    .command("forwarded")
    .description("what a hub holds (--data is the hub's directory)")
    .requiredOption("--data <dir>", "the hub's data directory")
    .addOption(FROM())
    .addOption(TO())
    .addOption(JSON_OUT())
    .action(async (options) => (await import("../commands/read.js")).readForwarded(options));

  esme
    .command("export")
    .description("the half hours as a file for other programs")
    .addOption(DATA())
    .addOption(SOURCE())
    .addOption(FROM())
    .addOption(TO())
    .addOption(new Option("--format <kind>", "csv or json").choices(["csv", "json"]).default("csv"))
    .addOption(JSON_OUT())
    .action(async (options) => (await import("../commands/read-profile.js")).exportProfile(options));

  esme
    .command("compare")
    .description("two sources on one conductor, half hour by half hour: each check with its source, or those named")
    .argument("[a]")
    .argument("[b]")
    .addOption(DATA())
    .addOption(FROM())
    .addOption(TO())
    .addOption(JSON_OUT())
    .action(async (a, b, options) => (await import("../commands/compare.js")).compare(a, b, options));

  esme
    .command("meters")
    .description("the Modbus meters there are tables of; with a model's name, where its numbers stand")
    .argument("[model]")
    .addOption(JSON_OUT())
    .action(async (model, options) => (await import("../commands/meters.js")).meters(model, options));

  esme
    .command("conformance")
    .description("what a SMETS2 meter does, where it is done here, and which test proves it")
    .addOption(JSON_OUT())
    .action(async (options) => (await import("../commands/conformance.js")).conformance(options));
}
