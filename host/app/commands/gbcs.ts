// `esme gbcs respond | state`: one message of a meter that exists only as a snapshot and a file of keys.

import { partialOf } from "../../document/partial.js";
import { answer, type SilenceCode } from "../../gbcs/answer.js";
import { derive } from "../../gbcs/derive.js";
import { itemsOf } from "../../gbcs/explain.js";
import type { Utc_ms } from "../../ledger/units.js";
import { headerOf, hexOf, keysOf, messageIn, meterIn } from "../gbcs/files.js";
import { keyTold, note, print, tellKey } from "../gbcs/told.js";
import { refuse, usedWrongly } from "../refusal.js";

interface StateOptions {
  /** Needed where the response is encrypted. */
  readonly keys?: string;
  readonly json?: boolean;
}

interface RespondOptions {
  readonly keys: string;
  readonly json?: boolean;
  readonly snapshot: string;
  readonly at?: Utc_ms;
  readonly failItem?: number;
}

const NUMBERED = "items are counted from 1; `esme gbcs explain` numbers them";
const SILENT_AT_ALL = "the meter stays silent: `esme gbcs explain` shows what the command says";
const WANTED =
  "the meter stays silent: give that party's role and ka, and the private half (testScalar) of its ka or of the meter's";
const SILENT: { readonly [code in SilenceCode]?: string } = { "gbcs-keys": WANTED, "gbcs-originator": WANTED };

export function respond(file: string, { snapshot, keys, at, failItem, json }: RespondOptions): void {
  const command = messageIn(file);
  const keyring = keysOf(keys, headerOf(command, file).recipient);
  const meter = meterIn(snapshot);
  const items = itemsOf(command)?.length ?? 0;
  if (failItem !== undefined && items > 0 && failItem > items)
    return usedWrongly(`the command has ${items} item${items === 1 ? "" : "s"}, and no item ${failItem}`, NUMBERED);
  const told = answer(meter.esme, at ?? meter.at, command, keyring, failItem === undefined ? {} : { failItem });
  if (told.kind === "silent") return refuse({ ...told, next: SILENT[told.code] ?? SILENT_AT_ALL });
  const signed = told.useCase.critical;
  print(
    {
      schema: "esme/gbcs-respond/1",
      useCase: told.useCase.name,
      response: hexOf(told.bytes),
      ...keyTold(keyring, signed),
    },
    json,
  );
  if (signed) tellKey(keyring, json);
}

export function state(commandFile: string, responseFile: string, { keys, json }: StateOptions): void {
  const command = messageIn(commandFile);
  const response = messageIn(responseFile);
  const keyring = keys === undefined ? null : keysOf(keys, headerOf(command, commandFile).recipient);
  const derived = derive(command, response, keyring);
  if (!derived.ok)
    return refuse({
      ...derived,
      next:
        derived.code === "gbcs-keys"
          ? "give the keys of the meter and of its remote parties: --keys FILE"
          : "`esme gbcs explain` shows what each of the two says",
    });
  const { draft, failItem } = derived;
  const document = partialOf(draft.learnt());
  process.stdout.write(`${JSON.stringify(document, null, 1)}\n`);
  if (failItem !== null)
    note({ failItem, text: `item ${failItem} failed: give --fail-item ${failItem} to have it fail again` }, json);
}
