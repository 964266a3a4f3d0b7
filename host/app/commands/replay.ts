// `esme replay FILE`: a recorded day booked as if it were read now.

import { newLedger, registers_wh } from "../../ledger/ledger.js";
import { rfc3339 } from "../../meter/messages.js";
import type { Role } from "../../ports/store.js";
import { own } from "../own.js";
import { refuse } from "../refusal.js";
import { replay } from "../replay.js";
import { kwh } from "../words.js";

/** A ledger that a replay begins has the role that its name says, and is no second grid. */
const ROLES: readonly Role[] = ["grid", "generation", "load", "battery"];

interface Options {
  readonly data: string;
  readonly source?: string;
  readonly json?: boolean;
}

export async function replayCommand(file: string, options: Options): Promise<void> {
  const { store, release } = own(options.data);
  try {
    const name = options.source ?? "grid";
    const stored = store.load().find((one) => one.name === name);
    const role = stored?.role ?? ROLES.find((one) => one === name) ?? "load";
    const rates = store.rates();
    const done = await replay(file, stored?.ledger ?? newLedger(), (ledger, notices) => {
      const written = store.commit({ ledgers: [{ name, role, ledger, notices }], outbox: [], rates });
      if (!written.ok)
        refuse({ code: written.fault, reason: written.reason, next: "make room on the disk, then replay again" });
    });
    const [import_wh, export_wh] = registers_wh(done.ledger);
    const { ignored } = done.ledger;
    for (const { line, reason } of done.badLines)
      process.stderr.write(`esme: ${file}:${line}: ${reason}: ignored and counted\n`);
    if (options.json === true) {
      const { readings, bad } = done;
      const told = { schema: "esme/replay/1", source: name, readings, bad_lines: bad, ignored, import_wh, export_wh };
      process.stdout.write(`${JSON.stringify(told)}\n`);
    } else {
      const last = done.ledger.last;
      process.stdout.write(
        `${done.readings} readings booked to ${name}, the last at ${last === null ? "?" : rfc3339(last.at)}\n`,
      );
      process.stdout.write(`import ${kwh(import_wh)}, export ${kwh(export_wh)}\n`);
      const { repeated, earlier, incomplete, doubted } = ignored;
      process.stdout.write(
        `ignored: ${repeated} repeated, ${earlier} earlier, ${doubted} doubted, ${incomplete} incomplete, ${done.bad} bad lines\n`,
      );
    }
  } finally {
    release();
  }
}
