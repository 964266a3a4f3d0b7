// `esme gbcs ...`: messages as the DCC and a meter exchange them, one at a time, without a running meter.

import { type Command, Option } from "commander";
import type { Utc_ms } from "../../ledger/units.js";
import { usedWrongly } from "../refusal.js";
import { eui64, time, whole } from "../words.js";
import { JSON_OUT } from "./options.js";

const KEYS = () => new Option("--keys <file>", "the keys of the meter and of its remote parties (docs/guides/keys.md)");
const NEEDED_KEYS = () => KEYS().makeOptionMandatory();
const SNAPSHOT = () =>
  new Option("--snapshot <file>", "the meter: a snapshot, of which sections may be missing").makeOptionMandatory();
const AT = () =>
  new Option("--at <time>", "what its clock shows; the snapshot's moment where left out").argParser(told);

const ALERT_HELP = `
Events:
  reading               what a reading at --at brings about, of no more energy: planned settings, billing periods
  8F36                  that alert by itself, at --at; an outage also needs --from and --to
  outageRestoredLong    the same by its name
  '{"code": "8F36", "at": "2026-06-01T12:00:00Z", "times": ["2026-06-01T11:00:00Z", "2026-06-01T11:30:00Z"]}'
  event.json            the same in a file; "planned": {"section", "origin"} for 8F66 and 8F67`;

export function addGbcs(esme: Command): void {
  const gbcs = esme.command("gbcs").description("messages between the DCC and a meter (docs/spec/gbcs.md)");
  gbcs
    .command("explain <file>")
    .description("every message of a file, field by field; - reads what comes in")
    .addOption(KEYS())
    .addOption(JSON_OUT())
    .action(async (file, options) => (await import("../commands/gbcs-explain.js")).explainCommand(file, options));
  gbcs
    .command("respond <command>")
    .description("what a meter in that state answers to a command; its identity is the command's recipient")
    .addOption(SNAPSHOT())
    .addOption(NEEDED_KEYS())
    .addOption(AT())
    .addOption(
      new Option("--fail-item <k>", "the item whose hardware is to fail, counted from 1").argParser(itemNumber),
    )
    .addOption(JSON_OUT())
    .action(async (file, options) => (await import("../commands/gbcs.js")).respond(file, options));
  gbcs
    .command("alert")
    .description("what a meter in that state tells of an event, without being asked")
    .addOption(SNAPSHOT())
    .addOption(NEEDED_KEYS())
    .addOption(
      new Option(
        "--event <event>",
        "reading, an alert's code or name, JSON, or a file of it: see below",
      ).makeOptionMandatory(),
    )
    .addOption(AT())
    .addOption(new Option("--from <time>", "of an outage: when the supply failed").argParser(told))
    .addOption(new Option("--to <time>", "of an outage: when it came back").argParser(told))
    .addOption(new Option("--identity <eui>", "which meter of the keys; the first where left out").argParser(eui64))
    .addOption(JSON_OUT())
    .addHelpText("after", ALERT_HELP)
    .action(async (options) => (await import("../commands/gbcs-alert.js")).alert(options));
  gbcs
    .command("state <command> <response>")
    .description("the smallest snapshot of a meter that gives this response to this command")
    .addOption(KEYS())
    .addOption(JSON_OUT())
    .action(async (command, response, options) =>
      (await import("../commands/gbcs.js")).state(command, response, options),
    );
}

function itemNumber(text: string): number {
  const value = whole(text);
  return value >= 1 ? value : usedWrongly(`"${text}" is no item`, "the items of a command are counted from 1");
}

/** A moment that a message can tell. */
function told(text: string): Utc_ms {
  const at = time(text);
  return at >= 0 ? at : usedWrongly(`"${text}" is before 1970`, "write a later time: a message tells none before 1970");
}
