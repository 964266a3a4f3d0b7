// `esme replay FILE`: a recorded day booked as if it were read now.

import { randomInt } from "node:crypto";
import { existsSync } from "node:fs";
import type { Settings } from "../../ledger/commands.js";
import { newEsme } from "../../ledger/esme.js";
import { newLedger, registers_wh } from "../../ledger/ledger.js";
import { esmeAround } from "../../ledger/turn-esme.js";
import { rfc3339 } from "../../ledger/units.js";
import type { Role, Store } from "../../ports/store.js";
import { houseFor } from "../config/house.js";
import { configPath } from "../data-dir.js";
import { own } from "../own.js";
import { refuse } from "../refusal.js";
import type { Account } from "../replay/account.js";
import { fileToReplay, type Replayed, replay } from "../replay/file.js";
import { kwh } from "../words.js";

/** A ledger that a replay begins has the role that its name says, and is no second grid. */
const ROLES: readonly Role[] = ["grid", "generation", "load", "battery"];
/** One more than the greatest randomised offset number (facts 9). */
const OFFSET_NUMBERS = 10_001;

interface Options {
  readonly data: string;
  readonly config?: string;
  readonly source?: string;
  readonly json?: boolean;
}

export async function replayCommand(file: string, options: Options): Promise<void> {
  const configured = configuredBy(options);
  const { store, release } = own(options.data);
  try {
    const name = options.source ?? "grid";
    const { role, account } = accountOf(store, name);
    const known = fileToReplay(file);
    const progress = `${name}:${known.name}`;
    const from = store.progress(progress) ?? 0;
    const whole = from > 0 && from >= known.size;
    const rates = store.rates();
    const done: Replayed = whole
      ? { account, readings: 0, bad: 0, badLines: [] }
      : await replay(
          file,
          account,
          ({ ledger, esme }, notices, position) => {
            const kept = esme === null ? { name, role, ledger, notices } : { name, role, ledger, esme, notices };
            const written = store.commit({
              ledgers: [kept],
              outbox: [],
              rates,
              progress: { name: progress, position },
            });
            if (!written.ok)
              refuse({ code: written.fault, reason: written.reason, next: "make room on the disk, then replay again" });
          },
          from,
          // What an earlier run of this replay has set since stands.
          from > 0 ? null : configured,
        );
    tell(file, name, done, { whole, from }, options.json === true);
  } finally {
    release();
  }
}

/** What esme.yaml says of the meter, as it would be run: a recording is metered under the house's tariff. A house needs none. */
function configuredBy({ data, config }: Options): Settings | null {
  if (config === undefined && !existsSync(configPath(data))) return null;
  return houseFor(config === undefined ? { data } : { data, config }).sections;
}

/** The grid's ledger is a whole meter; a new one draws the number that displaces its tariff switches. */
function accountOf(store: Store, name: string): { readonly role: Role; readonly account: Account } {
  const stored = store.load().find((one) => one.name === name);
  const role = stored?.role ?? ROLES.find((one) => one === name) ?? "load";
  if (role !== "grid") return { role, account: { esme: null, ledger: stored?.ledger ?? newLedger() } };
  const number = randomInt(1, OFFSET_NUMBERS);
  const esme = stored?.esme ?? (stored === undefined ? newEsme(number) : esmeAround(number, stored.ledger));
  return { role, account: { esme, ledger: esme.ledger } };
}

function tell(
  file: string,
  name: string,
  { account, readings, bad, badLines }: Replayed,
  { whole, from }: { readonly whole: boolean; readonly from: number },
  json: boolean,
): void {
  const [import_wh, export_wh] = registers_wh(account.ledger);
  const { ignored, last } = account.ledger;
  for (const { line, reason } of badLines)
    process.stderr.write(`esme: ${file}:${line}: ${reason}: ignored and counted\n`);
  if (json) {
    const told = { schema: "esme/replay/1", source: name, readings, bad_lines: bad, ignored, import_wh, export_wh };
    process.stdout.write(`${JSON.stringify({ ...told, resumed_at_byte: from, replayed_before: whole })}\n`);
    return;
  }
  if (whole) process.stdout.write(`this file was replayed whole before: nothing is booked twice\n`);
  else if (from > 0)
    process.stdout.write(`an earlier replay of this file came to byte ${from}: it goes on from there\n`);
  process.stdout.write(
    `${readings} lines booked to ${name}, the last reading at ${last === null ? "(none yet)" : rfc3339(last.at)}\n`,
  );
  process.stdout.write(`import ${kwh(import_wh)}, export ${kwh(export_wh)}\n`);
  const { repeated, earlier, incomplete, doubted } = ignored;
  process.stdout.write(
    `ignored: ${repeated} repeated, ${earlier} earlier, ${doubted} doubted, ${incomplete} incomplete, ${bad} bad lines\n`,
  );
}
