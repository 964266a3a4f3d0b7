// The options that mean the same in every command.

import { Option } from "commander";
import { dataDir } from "../data-dir.js";
import { duration_ms, seed, time } from "../words.js";

export const DATA = () =>
  new Option("--data <dir>", "the house's data directory").default(dataDir(), "$ESME_DATA, else ~/.local/share/esme");
export const CONFIG = () => new Option("--config <file>", "the house's configuration instead of <data>/esme.yaml");
export const JSON_OUT = () => new Option("--json", "machine-readable output and errors");
export const FOR = () => new Option("--for <duration>", "end by itself after 20s, 2m, 1h").argParser(duration_ms);
export const SEED = () => new Option("--seed <n>", "the same seed gives the same run").argParser(seed).default(1);
export const FROM = () => new Option("--from <time>", "RFC 3339 or a date").argParser(time);
export const TO = () => new Option("--to <time>", "RFC 3339 or a date").argParser(time);
export const SOURCE = () => new Option("--source <name>", "which ledger; the grid's where it is left out");
export const SCENARIO = () =>
  new Option("--scenario <name|file>", "what flows: demo, solar-home, steady, no-load, reversing, pulses").default(
    "solar-home",
  );
export const TRUTH = () => new Option("--truth <file>", "write what really flowed, one JSON object a second");
export const PORT = () => new Option("--port <path>", "the board's serial port, such as /dev/ttyUSB0");
export const CLOCK = () => new Option("--clock <spec>", "a shared simulated clock: TIME@WALL_MS*SPEED").hideHelp();
