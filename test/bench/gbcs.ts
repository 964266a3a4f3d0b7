// Commands answered a second on one core, as a share of what their cryptography alone would allow: from the octets of the hub's request
// to those of the answer, without the store. The limit of the critical command counts its ECDSA, verifying and signing, too.

import type { Answering } from "./children/gbcs.js";
import { child } from "./processes.js";
import { type Row, row } from "./row.js";

const LEAST = 0.7;

export function benchGbcs(): readonly Row[] {
  const { rounds, commands } = child<Answering>("gbcs");
  const perSecond = (us: number) => 1e6 / us;
  const kinds = commands.map(({ name, asked, told, critical, answer_us, limit_us }) => {
    const against = critical ? "its ECDH, AES and ECDSA alone" : "its ECDH and AES alone";
    const what = `  ${name}, ${asked} octets answered by ${told}`;
    return row(what, "/s", [perSecond(answer_us), rounds], [against, perSecond(limit_us)]);
  });
  const all = (which: "answer_us" | "limit_us") => commands.reduce((sum, one) => sum + one[which], 0) / commands.length;
  const [answer_us, limit_us] = [all("answer_us"), all("limit_us")];
  const mix = row(
    "GBCS commands answered, a mix of these, one core",
    "/s",
    [perSecond(answer_us), rounds],
    ["their cryptography alone", perSecond(limit_us)],
    [`above ${100 * LEAST} % of it`, limit_us / answer_us > LEAST],
  );
  return [mix, ...kinds];
}
