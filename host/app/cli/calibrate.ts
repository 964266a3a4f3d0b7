// `esme calibrate ...`: a board's constants from a reference, and what was ever written to it.

import { type Command, Option } from "commander";
import { positive } from "../words.js";
import { CLOCK, CONFIG, DATA, JSON_OUT, PORT } from "./options.js";

/** What says which board of which house. */
function housed(command: Command): Command {
  return command
    .addOption(new Option("--source <name>", "whose board and clamp; the grid's where it is left out"))
    .addOption(DATA())
    .addOption(CONFIG())
    .addOption(PORT())
    .addOption(JSON_OUT())
    .addOption(CLOCK());
}

export function addCalibrate(esme: Command): void {
  const calibrate = housed(
    esme
      .command("calibrate")
      .description(
        "make a clamp board tell what a reference tells: guided, or by an answers file (docs/guides/calibration.md)",
      ),
  )
    .addOption(new Option("--clamp <n>", "which clamp is on the reference's conductor: 1, 2, 3, or all"))
    .addOption(new Option("--reference <what>", "typed, or a source on the same conductor; its check where it has one"))
    .addOption(
      new Option("--within <percent>", "how good it must become; 0.5 where it is left out").argParser(positive),
    )
    .addOption(new Option("--answers <file>", "a file answers instead of a person (docs/spec/calibration.md)"))
    .action(async (options) => (await import("../commands/calibrate.js")).calibrateCommand(options));

  housed(calibrate.command("show").description("the constants in force, and whether this house wrote them")).action(
    async (_, command: Command) => (await import("../commands/calibrate-kept.js")).show(command.optsWithGlobals()),
  );
  calibrate
    .command("history")
    .description("what was ever written to the boards of this house")
    .addOption(DATA())
    .addOption(JSON_OUT())
    .action(async (_, command: Command) =>
      (await import("../commands/calibrate-kept.js")).history(command.optsWithGlobals()),
    );
  housed(calibrate.command("undo").description("put back the constants before the last calibration")).action(
    async (_, command: Command) => (await import("../commands/calibrate-kept.js")).undo(command.optsWithGlobals()),
  );
  housed(calibrate.command("backup <file>").description("the constants in force as one JSON document")).action(
    async (file, _, command: Command) =>
      (await import("../commands/calibrate-kept.js")).backup(file, command.optsWithGlobals()),
  );
  housed(calibrate.command("restore <file>").description("write the constants of a backup to the board"))
    .addOption(new Option("--other-board", "also where the backup is another board's"))
    .action(async (file, _, command: Command) =>
      (await import("../commands/calibrate-kept.js")).restore(file, command.optsWithGlobals()),
    );
}
