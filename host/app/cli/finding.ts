// The commands that find things: what is connected, which way round it is, and a first esme.yaml of it.

import { type Command, Option } from "commander";
import { SORTS } from "../finding/place.js";
import { usedWrongly } from "../refusal.js";
import { positive } from "../words.js";
import { CONFIG, DATA, JSON_OUT, PORT } from "./options.js";

const TCP = () => new Option("--tcp <host:port>", "a meter or gateway that speaks Modbus TCP");
const RTU_TCP = () => new Option("--rtu-tcp <host:port>", "a converter with an RS-485 bus behind it");
const SCAN = () =>
  new Option("--scan <depth>", "quick: the likely speeds and addresses; full: all of them, up to an hour a port")
    .choices(["quick", "full"])
    .default("quick");

export function addFinding(esme: Command): void {
  esme
    .command("doctor")
    .description("what is at each port, whether it is well, what ails a bus, and what to write in esme.yaml")
    .addOption(PORT())
    .addOption(TCP())
    .addOption(RTU_TCP())
    .addOption(SCAN())
    .addOption(new Option("--as <kind>", "look for this only").choices([...SORTS]).default("any"))
    .addOption(new Option("--direction", "which clamp is the wrong way round: guided, with a kettle and the sun"))
    .addOption(new Option("--answers <file>", "with --direction: the steps, instead of asking"))
    .addOption(new Option("--kettle <watts>", "with --direction: what the kettle takes").argParser(positive))
    .addOption(DATA())
    .addOption(CONFIG())
    .addOption(JSON_OUT())
    .action(async (options) => {
      if (options.direction === true) {
        const place = ["port", "tcp", "rtuTcp"].some((one) => options[one] !== undefined);
        if (place)
          usedWrongly("--direction watches the sources of esme.yaml", "leave the place out; --config names a file");
        return (await import("../commands/doctor-direction.js")).doctorDirection(options);
      }
      for (const only of ["answers", "kettle"])
        if (options[only] !== undefined) usedWrongly(`--${only} belongs to --direction`, "add --direction");
      return (await import("../commands/doctor.js")).doctor(options);
    });

  esme
    .command("init")
    .description("find what is connected, ask what it measures, write esme.yaml")
    .addOption(
      new Option("--port <path>", "look there; repeat it for several; all ports where it is left out").argParser(
        (path, before: string[] = []) => [...before, path],
      ),
    )
    .addOption(
      new Option("--tcp <host:port>", "look there by Modbus TCP; repeat it for several").argParser(
        (place, before: string[] = []) => [...before, place],
      ),
    )
    .addOption(SCAN())
    .addOption(new Option("--answers <file>", "what is asked otherwise, as YAML or JSON (docs/guides/finding.md)"))
    .addOption(new Option("--yes", "take what was found, with the likely roles").conflicts("answers"))
    .addOption(new Option("--force", "replace an esme.yaml that is there"))
    .addOption(DATA())
    .addOption(JSON_OUT())
    .action(async (options) => (await import("../commands/init.js")).init(options));
}
