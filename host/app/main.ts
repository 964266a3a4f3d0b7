#!/usr/bin/env node
// The command `esme`: what there is to say, and how each word is understood. Each command lives in a file of its own, loaded when used.

import { Command, CommanderError, Option } from "commander";
import { addChange } from "./cli/change.js";
import { addFinding } from "./cli/finding.js";
import { addGbcs } from "./cli/gbcs.js";
import { CLOCK, CONFIG, DATA, FOR, JSON_OUT, PORT, SCENARIO, SEED, SOURCE, TRUTH } from "./cli/options.js";
import { addRead } from "./cli/read.js";
import { dataDir } from "./data-dir.js";
import { VERSION } from "./identity.js";
import { tellError } from "./refusal.js";
import { storyName } from "./stories/names.js";
import { duration_ms, number, positive, tcpPort, whole } from "./words.js";

const wantsJson = process.argv.includes("--json");

function build(): Command {
  const esme = new Command("esme")
    .description("An open SMETS2 electricity meter. Not an approved meter; mains kills: read hardware/SAFETY.md.")
    .version(VERSION, "--version")
    .showSuggestionAfterError(true)
    .configureHelp({ sortSubcommands: false });

  esme
    .command("demo")
    .description("a simulated solar home: yesterday in a moment, then live with the executed firmware")
    .addOption(new Option("--data <dir>", "keep the house there instead of in a folder that is removed at the end"))
    .addOption(
      new Option("--story <name>", "predict, run, compare: diverter, imbalance, clock-step, outage, bst")
        .argParser(storyName)
        .conflicts(["data", "for", "seed"]),
    )
    .addOption(FOR())
    .addOption(SEED())
    .addOption(JSON_OUT())
    .action(async (options) => (await import("./commands/demo.js")).demo(options));

  esme
    .command("run")
    .description("meter a house: read its board, keep registers and half hours, forward them to the hub")
    .addOption(PORT())
    .addOption(DATA())
    .addOption(CONFIG())
    .addOption(FOR())
    .addOption(new Option("--hub <host:port>", "forward to this hub (with --install-code)"))
    .addOption(new Option("--install-code <code>", "the code that `esme hub` printed"))
    .addOption(JSON_OUT())
    .addOption(CLOCK())
    .action(async (options) => (await import("./commands/run.js")).run(options));

  esme
    .command("hub")
    .description("a communications hub: receives each half hour and alert exactly once")
    .addOption(
      new Option("--data <dir>", "the hub's data directory").default(
        dataDir("-hub"),
        "$ESME_DATA-hub, else ~/.local/share/esme-hub",
      ),
    )
    .addOption(new Option("--host <address>", "where to listen").default("127.0.0.1"))
    .addOption(new Option("--listen <port>", "the TCP port").argParser(tcpPort).default(4059))
    .addOption(FOR())
    .addOption(JSON_OUT())
    .action(async (options) => (await import("./commands/hub.js")).hub(options));

  const sim = esme.command("sim").description("simulated devices that any program may use");
  sim
    .command("board")
    .description("a metering board: the firmware image executed, on a pseudo-terminal whose path it prints")
    .addOption(
      new Option("--board <kind>", "clamp, or a metering IC on its SPI bus: atm90e32, ade7953")
        .choices(["clamp", "atm90e32", "ade7953"])
        .default("clamp"),
    )
    .addOption(SCENARIO())
    .addOption(SEED())
    .addOption(
      new Option(
        "--waveform <file>",
        "samples instead of a scenario: CSV, `# rate_hz=6400`, volts,ct1_amps,ct2_amps,ct3_amps",
      ),
    )
    .addOption(TRUTH())
    .addOption(
      new Option("--fidelity <kind>", "executed: the firmware image; fast: its rules")
        .choices(["executed", "fast"])
        .default("executed"),
    )
    .addOption(new Option("--speed <n>", "times real time").argParser(positive).default(1))
    .addOption(new Option("--ppm <n>", "how far the board's clock is off").argParser(number).default(0))
    .addOption(new Option("--eeprom <file>", "keep the board's EEPROM there, over restarts"))
    .addOption(new Option("--noise <share>", "share of bytes damaged on the line").argParser(number).default(0))
    .addOption(FOR())
    .addOption(JSON_OUT())
    .addOption(CLOCK())
    .action(async (options) => (await import("./commands/sim-board.js")).simBoard(options));

  sim
    .command("meter")
    .description("Modbus meters made of their tables, on a bus paced as a wire is, in the same house")
    .requiredOption(
      "--model <model>",
      "which one (`esme meters`); several on one bus: repeat it as MODEL@ADDRESS, or MODEL@ADDRESS:CLAMP",
      (model, before: string[] = []) => [...before, model],
    )
    .addOption(new Option("--address <n>", "of the one meter, instead of the maker's").argParser(whole))
    .addOption(
      new Option("--bus <kind>", "pty: a serial port; tcp: Modbus TCP; rtu-tcp: a wire behind a converter")
        .choices(["pty", "tcp", "rtu-tcp"])
        .default("pty"),
    )
    .addOption(new Option("--speed <baud>", "11 bits a character").argParser(whole).default(9600))
    .addOption(new Option("--noise <share>", "share of bits flipped on the wire").argParser(number).default(0))
    .addOption(
      new Option("--latency <duration>", "from the end of a question to the beginning of its answer")
        .argParser(duration_ms)
        .default(20, "20ms"),
    )
    .addOption(
      new Option(
        "--fault <kind>",
        "KIND, KIND:SHARE or KIND:SHARE@ADDRESS: dead, silent, late, crc, exception, zeroes, clash; reversed, wrong-speed, echo",
      ).argParser((fault, before: string[] = []) => [...before, fault]),
    )
    .addOption(SCENARIO())
    .addOption(
      new Option(
        "--clamp <where>",
        "which conductor of the house; the grid where it is left out, of an inverter what it makes",
      ).choices(["grid", "generation", "load"]),
    )
    .addOption(
      new Option("--start <kwh>", "what the counters show at first: 12345.678, or import and export: 12345.678,90.1"),
    )
    .addOption(TRUTH())
    .addOption(
      new Option("--listen <port>", "the TCP port; any that is free where it is left out")
        .argParser(tcpPort)
        .default(0),
    )
    .addOption(SEED())
    .addOption(FOR())
    .addOption(JSON_OUT())
    .addOption(CLOCK())
    .action(async (options) => (await import("./commands/sim-meter.js")).simMeter(options));

  esme
    .command("replay")
    .description("book a recorded file of cumulative readings, one JSON object a line")
    .argument("<file>")
    .addOption(DATA())
    .addOption(CONFIG())
    .addOption(SOURCE())
    .addOption(JSON_OUT())
    .action(async (file, options) => (await import("./commands/replay.js")).replayCommand(file, options));

  addRead(esme);
  addChange(esme);
  addGbcs(esme);

  addFinding(esme);

  return esme;
}

/** Every command and subcommand ends by an exception instead of by exiting, so that --json shapes its errors too. */
function strict(command: Command): Command {
  command.exitOverride().allowExcessArguments(false);
  command.helpCommand(false).configureOutput({
    writeErr: (text) => void (wantsJson || process.stderr.write(text)),
    outputError: () => {},
  });
  for (const sub of command.commands) strict(sub);
  return command;
}

async function main(): Promise<number> {
  const program = strict(build());
  if (process.argv.length <= 2) {
    program.outputHelp();
    return 0;
  }
  try {
    await program.parseAsync();
    return typeof process.exitCode === "number" ? process.exitCode : 0;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      const reason = usageInWords(error);
      const next = "`esme <command> --help` shows what can be said";
      if (wantsJson) process.stderr.write(`${JSON.stringify({ code: "usage", reason, next })}\n`);
      else process.stderr.write(`esme: ${reason} [usage]\n  ${next}\n`);
      return 2;
    }
    return tellError(error, wantsJson);
  }
}

function usageInWords({ code, message }: CommanderError): string {
  if (code === "commander.help") return "a subcommand is missing";
  if (code === "commander.unknownOption" && message.includes("'--json'")) return "--json stands behind a subcommand";
  return message.replace(/^error: /, "").replace(/\s*\n\s*/g, " ");
}

for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    // Whoever reads us closed the pipe (`esme read profile | head`): that is no fault. What works on, works on unheard.
    if (error.code !== "EPIPE") throw error;
    if (!["run", "hub", "demo", "sim"].includes(process.argv[2] ?? "")) process.exit(0);
  });
process.on("uncaughtException", (error) => process.exit(tellError(error, wantsJson)));
process.on("unhandledRejection", (error) => process.exit(tellError(error, wantsJson)));
main().then((code) => {
  process.exitCode = code;
});
