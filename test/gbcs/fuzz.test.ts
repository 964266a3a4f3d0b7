// Official commands with something changed within, signed and MACed anew under the published test keys: what passes every check at the door
// reaches every setting of the table. The random and the mutated frames of test/proof/gbcs-fuzz.ts need no reference messages.

import { describe, expect, test } from "vitest";
import type { TestKeyring } from "../../host/adapters/keys/keystore-file.js";
import { answer } from "../../host/gbcs/answer.js";
import { decodeMessage } from "../../host/gbcs/frame.js";
import { EFFORT } from "../proof/proof.js";
import { type Door, type Frame, fuzzed, mutated } from "./fuzz.js";
import { commandOf, type LabCommand, octets } from "./laboratory.js";
import { AT, keyringFrom } from "./laboratory-meter.js";
import { flipped } from "./laws.js";
import { pairs, reference, WHERE } from "./reference.js";

const FRAMES = EFFORT === "ci" ? 10_000 : 1_000;

describe.skipIf(reference === null)(`official commands (${WHERE})`, () => {
  const { messages = [], keystore = {} } = reference ?? {};
  const meter = "00db1234567890a0";

  test.each([1, 2])(
    `${FRAMES} with a payload that was changed, seed %i: no crash, no broken silence, a meter that can be kept`,
    (seed) => {
      const ring: TestKeyring = keyringFrom(keystore, meter);
      // What the meter signs with is of its own: the devices' private keys are not published.
      const keys = { ...keystore, [meter]: { ...keystore[meter], ds: ring.signingKey } };
      const commands = pairs(messages).flatMap(({ command }): readonly LabCommand[] => {
        const decoded = decodeMessage(octets(command.hex));
        if (!decoded.ok || decoded.message.recipient !== meter || decoded.message.supplementary !== null) return [];
        const { messageCode: code, originator, counter, signature, content } = decoded.message;
        const payload = Buffer.from(content).toString("hex");
        return [{ code, originator, meter, counter, signed: signature !== null, content: payload }];
      });
      const door: Door = {
        keys,
        meter,
        given: (esme, bytes) => answer(esme, AT, bytes, ring),
        corpus: commands.map((command) => commandOf(keys, command)),
      };
      let counter = 1n << 24n;
      const { answered, obeyed, broken, slowest_ms } = fuzzed(
        "official frame",
        seed,
        FRAMES,
        (random): Frame => {
          const command = commands[Math.floor(random.unit() * commands.length)] as LabCommand;
          // Its id is of its counter: the low 24 bits stay, so that the counter rises and the payload does not.
          counter += 1n << 24n;
          const changed = octets(command.content ?? "");
          // Most changes are of one bit of the values, behind what is asked: those the meter may take.
          const values = Math.ceil((changed.length - 5) * (0.3 + 0.7 * random.unit()));
          const at = changed.length - 1 - Math.floor(random.unit() * values);
          const gentle = flipped(changed, at, 1 << Math.floor(random.unit() * 8));
          const tail = random.unit() < 0.2 ? mutated(random, changed.subarray(5)) : gentle.subarray(5);
          const content = Buffer.from(changed.subarray(0, 5)).toString("hex") + Buffer.from(tail).toString("hex");
          const raised = counter + (command.counter & 0xffffffn);
          return { bytes: commandOf(keys, { ...command, counter: raised, content }), right: true };
        },
        door,
      );
      process.stdout.write(`official frames of seed ${seed}: ${answered} of ${FRAMES} answered, ${obeyed} obeyed\n`);
      expect(broken).toEqual([]);
      expect(obeyed).toBeGreaterThan(FRAMES / 100);
      expect(slowest_ms).toBeLessThan(2_000);
    },
  );
});
