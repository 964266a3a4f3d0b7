// The metering ICs' frames: golden ones with a ruler, what is encoded is decoded, any chunking gives the same, and damage is named.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as bl from "../../../host/wire/ics/bl0942.js";
import * as cse from "../../../host/wire/ics/cse7766.js";
import * as mcp from "../../../host/wire/ics/mcp39f511a.js";
import { joined, type Split } from "../../../host/wire/ics/scan.js";

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const frames = <F>(split: Split<F>) => split.pieces.flatMap((piece) => (piece.kind === "frame" ? [piece.frame] : []));

describe("golden", () => {
  // Captures printed in the source of the Tasmota firmware (xnrg_02_cse7766): header, Uk, Ucyc, Ik, Icyc, Pk, Pcyc, adj, CF, sum.
  test("the CSE7766 of a Sonoff Pow R2, as captured", () => {
    const [one] = frames(cse.splitCse7766(hex("55 5A 02F760 0003AB 004010 02605D 51A658 03E9EF 71 0B7A 36")));
    expect(one).toEqual({
      state: 0x55,
      voltageConstant: 194_400,
      voltageCycle: 939,
      currentConstant: 16_400,
      currentCycle: 155_741,
      powerConstant: 5_351_000,
      powerCycle: 256_495,
      adjust: 0x71,
      count: 2_938,
    });
    if (one === undefined) return;
    expect(cse.soundness(one)).toBe("sound");
    expect(cse.measuredIn(one)).toEqual({ voltage: true, current: true, power: "measured" });
  });

  test("the same plug without a load, and with one too small for its power to be measured", () => {
    const text = [
      "F2 5A 02F760 000361 004010 057240 51A658 63101B E1 7F4D 4E",
      "55 5A 02F760 00035A 004010 048B9F 51A658 187275 61 ACA1 30",
      "55 5A 02F1E8 00079D 003F3E 0035F8 50DB38 00B2A2 F1 D697 3E",
    ].join(" ");
    const [none, small, wrapped] = frames(cse.splitCse7766(hex(text)));
    expect(none && cse.measuredIn(none)).toEqual({ voltage: true, current: true, power: "none" });
    expect(small && cse.measuredIn(small).power).toBe("unknown");
    expect(wrapped?.count).toBe(0xd697);
  });

  test("states of the CSE7766 that say its values are worth nothing", () => {
    const of = (state: number) => cse.soundness({ ...anyCse, state });
    expect([0xaa, 0xf1, 0xfc, 0xf2, 0xf4, 0xf8].map(of)).toEqual([
      "uncalibrated",
      "damaged",
      "abnormal",
      "sound",
      "sound",
      "sound",
    ]);
  });

  // The question is the one printed in public libraries for the MCP39F511N; the answers, of the framing alone, are captures of an
  // MCP39F501 in a Shelly 2, printed in the Tasmota firmware (xnrg_04_mcp39f501).
  test("the MCP39F511A's question, and answers of its family, as captured", () => {
    const question = mcp.encodeMcp39Question({ kind: "read", address: 0x02, length: 32 });
    expect(toHex(question)).toBe("a508410002" + "4e20" + "5e");
    const captured = hex(
      "06 19 6106 0000 FE08 9B0E 0000 0B00 0000 970E 0000 FF7F 0CC6 35" +
        "06 19 CE18 0000 F208 3A38 0000 6600 0000 9338 0000 367F 9AC6 B7",
    );
    const answers = frames(mcp.splitMcp39Answers({ kind: "read", address: 4, length: 22 }, captured));
    expect(answers.map((one) => one.kind)).toEqual(["data", "data"]);
  });

  // Worked by hand from the register map: 230.1 V, 50.012 Hz, 4.3478 A, -1000.00 W (bit 4 clear), +12.34 var (bit 5 set).
  test("the MCP39F511A's power registers", () => {
    const data = hex("2000 11FE FD08 5CC3 0000 0000 D6A90000 A0860100 D2040000 00000000");
    expect(mcp.decodeMcp39Power(data)).toEqual({
      version: 0xfe11,
      voltage_dv: 2_301,
      frequency_mhz: 50_012,
      current_dma: 43_478,
      active_cw: -100_000,
      reactive_cvar: 1_234,
    });
    expect(toHex(mcp.encodeMcp39Question(mcp.MCP39_COUNT))).toBe("a50a4100dc4d0201001c");
  });

  // Worked by hand: 230.0 V, 4.348 A and -1000 W with 1 mΩ and 1.95 MΩ : 510 Ω; the sum begins with the question's 58.
  test("the BL0942's packet, register and write", () => {
    const body = "55 B4AA10 30BE37 000000 DE7CF6 FEFFFF 204E 00 01 00 00";
    const sum = ~hex(body).reduce((a, b) => a + b, 0x58) & 0xff;
    const packet = hex(body + sum.toString(16).padStart(2, "0"));
    expect(frames(bl.splitBl0942Answers({ kind: "packet" }, 0, packet))).toEqual([
      {
        kind: "packet",
        current: 1_092_276,
        voltage: 3_653_168,
        fastCurrent: 0,
        watt: -623_394,
        count: 0xff_fffe,
        period: 20_000,
        status: 1,
      },
    ]);
    const mode = { kind: "register", register: bl.BL0942_MODE } as const;
    expect(frames(bl.splitBl0942Answers(mode, 0, hex("87 00 00 07")))).toEqual([{ kind: "register", value: 0x87 }]);
    const write = { kind: "write", register: bl.BL0942_WRITE_PROTECTION, value: 0x55 } as const;
    expect(toHex(bl.encodeBl0942Request(write, 0))).toBe("a81d550000e5");
    expect(bl.algebraicMode(bl.BL0942_MODE_RESET)).toBe(0x07);
    expect(bl.algebraicMode(0x3c8)).toBe(0x30c);
  });
});

const u = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 });
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const anyCse: cse.Cse7766Frame = {
  state: 0x55,
  voltageConstant: 1,
  voltageCycle: 1,
  currentConstant: 1,
  currentCycle: 1,
  powerConstant: 1,
  powerCycle: 1,
  adjust: 0x70,
  count: 0,
};
const cseFrame = fc.record({
  state: fc.constantFrom(0x55, 0xaa, 0xf0, 0xf2, 0xff),
  voltageConstant: u(24),
  voltageCycle: u(24),
  currentConstant: u(24),
  currentCycle: u(24),
  powerConstant: u(24),
  powerCycle: u(24),
  adjust: u(8),
  count: u(16),
});
const packet = fc.record({
  kind: fc.constant("packet" as const),
  current: u(24),
  voltage: u(24),
  fastCurrent: u(24),
  watt: fc.integer({ min: -0x80_0000, max: 0x7f_ffff }),
  count: u(24),
  period: u(16),
  status: u(8),
});
const PACKET = { kind: "packet" } as const;
const MODE = { kind: "register", register: bl.BL0942_MODE } as const;

/** Every format: frames at random, their bytes, and how a stream of them is split. */
const formats = {
  cse7766: { frame: cseFrame, encode: cse.encodeCse7766, split: cse.splitCse7766 },
  "bl0942 packet": {
    frame: packet,
    encode: (frame: bl.Bl0942Answer) => bl.encodeBl0942Answer(PACKET, 2, frame),
    split: (bytes: Uint8Array) => bl.splitBl0942Answers(PACKET, 2, bytes),
  },
  "bl0942 register": {
    frame: fc.record({ kind: fc.constant("register" as const), value: u(24) }),
    encode: (frame: bl.Bl0942Answer) => bl.encodeBl0942Answer(MODE, 0, frame),
    split: (bytes: Uint8Array) => bl.splitBl0942Answers(MODE, 0, bytes),
  },
  "bl0942 requests": {
    frame: fc.oneof(
      fc.constant(PACKET),
      fc.record({ kind: fc.constant("register" as const), register: u(7) }),
      fc.record({ kind: fc.constant("write" as const), register: u(7), value: u(24) }),
    ),
    encode: (frame: bl.Bl0942Request) => bl.encodeBl0942Request(frame, 1),
    split: (bytes: Uint8Array) => bl.splitBl0942Requests(1, bytes),
  },
  "mcp39f511a answers": {
    frame: fc.oneof(
      fc.uint8Array({ minLength: 32, maxLength: 32 }).map((data) => ({ kind: "data" as const, data })),
      fc.constantFrom({ kind: "nak" as const }, { kind: "csfail" as const }),
    ),
    encode: mcp.encodeMcp39Answer,
    split: (bytes: Uint8Array) => mcp.splitMcp39Answers(mcp.MCP39_ENERGY, bytes),
  },
  "mcp39f511a questions": {
    frame: fc.oneof(
      fc.record({
        kind: fc.constant("read" as const),
        address: u(16),
        length: fc.integer({ min: 1, max: 32 }),
      }),
      fc.record({
        kind: fc.constant("write" as const),
        address: u(16),
        data: fc.uint8Array({ minLength: 1, maxLength: 32 }),
      }),
    ),
    encode: mcp.encodeMcp39Question,
    split: mcp.splitMcp39Questions,
  },
} as const;

interface Format {
  readonly frame: fc.Arbitrary<unknown>;
  readonly encode: (frame: never) => Uint8Array;
  readonly split: (bytes: Uint8Array) => Split<unknown>;
}

describe.each(Object.entries(formats) as unknown as [string, Format][])("%s", (_, { frame, encode, split }) => {
  const bytesOf = (all: readonly unknown[]) => all.map((one) => encode(one as never)).reduce(joined, new Uint8Array());

  test("what is encoded is decoded", () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 4 }), (sent) => {
        const { pieces, rest } = split(bytesOf(sent));
        expect(pieces).toEqual(sent.map((one) => ({ kind: "frame", frame: one })));
        expect(rest.length).toBe(0);
      }),
    );
  });

  test("any bytes, cut anyhow, give the same frames and the same discarded bytes, and none is lost", () => {
    const stream = fc
      .array(
        fc.oneof(
          frame.map((one) => encode(one as never)),
          fc.uint8Array({ maxLength: 30 }),
        ),
        { maxLength: 5 },
      )
      .map((parts) => parts.reduce(joined, new Uint8Array()));
    fc.assert(
      fc.property(stream, fc.array(fc.nat(40)), (bytes, cuts) => {
        const whole = split(bytes);
        let rest = new Uint8Array();
        const found: unknown[] = [];
        const dropped: string[] = [];
        let from = 0;
        for (const cut of [...cuts, bytes.length]) {
          const part = split(joined(rest, bytes.slice(from, from + cut)));
          from = Math.min(bytes.length, from + cut);
          rest = part.rest as Uint8Array<ArrayBuffer>;
          for (const piece of part.pieces)
            if (piece.kind === "frame") found.push(piece.frame);
            else dropped.push(piece.fault + toHex(piece.bytes));
        }
        expect(found).toEqual(frames(whole));
        expect(rest).toEqual(whole.rest);
        const bytesIn = (texts: readonly string[]) =>
          texts.map((text) => text.replace(/^[a-z]*(checksum|noise)/, "")).join("");
        const wholeDropped = whole.pieces.flatMap((p) => (p.kind === "discarded" ? [p.fault + toHex(p.bytes)] : []));
        expect(bytesIn(dropped)).toBe(bytesIn(wholeDropped));
        const told = frames(whole).reduce<number>((sum, one) => sum + encode(one as never).length, 0);
        expect(told + bytesIn(dropped).length / 2 + rest.length).toBe(bytes.length);
      }),
    );
  });

  test("a frame with one damaged byte is not the frame that was sent, nor, where the sum covers that byte, one of its length", () => {
    fc.assert(
      fc.property(frame, fc.nat(), fc.integer({ min: 1, max: 255 }), (sent, where, by) => {
        const bytes = encode(sent as never);
        fc.pre(bytes.length > 2);
        const at = where % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ by;
        const [first] = split(bytes).pieces;
        // The first two bytes of a CSE7766's frame are not under its sum: they are the state, of which only some mean anything.
        if (first?.kind === "frame") expect(first.frame).not.toEqual(sent);
        if (first?.kind === "frame" && at >= 2) expect(encode(first.frame as never).length).toBeLessThan(bytes.length);
      }),
    );
  });
});

describe("values of the MCP39F511A", () => {
  test("powers and energies are decoded as they were encoded, and only of the right length", () => {
    const power = fc.record({
      version: u(16),
      voltage_dv: u(16),
      frequency_mhz: u(16),
      current_dma: u(32),
      active_cw: fc.integer({ min: -(2 ** 32) + 1, max: 2 ** 32 - 1 }),
      reactive_cvar: fc.integer({ min: -(2 ** 32) + 1, max: 2 ** 32 - 1 }),
    });
    fc.assert(
      fc.property(power, (one) => {
        expect(mcp.decodeMcp39Power(mcp.encodeMcp39Power(one))).toEqual(one);
      }),
    );
    const energies = fc.record({ import_mwh: u64, export_mwh: u64, import_mvarh: u64, export_mvarh: u64 });
    fc.assert(
      fc.property(energies, (one) => {
        expect(mcp.decodeMcp39Energies(mcp.encodeMcp39Energies(one))).toEqual(one);
      }),
    );
    expect(mcp.decodeMcp39Power(new Uint8Array(27))).toBeNull();
    expect(mcp.decodeMcp39Energies(new Uint8Array(16))).toBeNull();
  });
});
