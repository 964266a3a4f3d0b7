// The LCD's text against its controller: shown as written, only what changed written, put right after a lost byte.

import { expect, test } from "vitest";
import { LcdText } from "../../host/adapters/panel/lcd-text.js";
import { Hd44780 } from "../../host/sim/firmata/hd44780.js";

const [RS, EN, D4, D5, D6, D7] = [8, 9, 10, 11, 12, 13] as const;

/** A display on wires, and what johnny-five's LCD does to them. */
function display(columns: number, rows: number) {
  const model = new Hd44780([RS, EN, D4, D5, D6, D7], columns, rows);
  let now_ms = 0;
  let bytes = 0;
  const nibble = (value: number) => {
    for (const [bit, pin] of [D4, D5, D6, D7].entries()) model.pin(pin, ((value >> bit) & 1) === 1, now_ms);
    model.pin(EN, true, now_ms);
    model.pin(EN, false, now_ms);
    now_ms += 3.6;
  };
  const byte = (value: number) => {
    bytes++;
    nibble(value >> 4);
    nibble(value & 15);
  };
  const lcd = {
    command: byte,
    cursor: (row: number, column: number) => byte(0x80 | (column + ([0, 0x40, 0x14, 0x54][row] ?? 0))),
    print: (text: string) => {
      model.pin(RS, true, now_ms);
      for (const letter of text) byte(letter.charCodeAt(0));
      model.pin(RS, false, now_ms);
    },
  };
  for (const value of [0x03, 0x03, 0x03, 0x02]) byte(value); // johnny-five's own beginning
  byte(0x0c);
  byte(0x01);
  return { model, nibble, lcd, bytes: () => bytes };
}

test.each([
  [16, ["TOTAL IMPORT    ", "    1234.567 kWh"]],
  [20, ["TOTAL IMPORT        ", "        1234.567 kWh", "IMPORTING     7215 W", "2026-06-01 12:30:01Z"]],
])("%d columns show what is written, at the pace of the line", (columns, rows) => {
  const { model, lcd } = display(columns, rows.length);
  const text = new LcdText(lcd);
  text.show(rows);
  expect(model.text()).toEqual(rows);
  expect(model.tooSoon).toBe(0);
});

test("a register that moved by 1 Wh costs two bytes", () => {
  const { lcd, model, bytes } = display(16, 2);
  const text = new LcdText(lcd);
  text.show(["TOTAL IMPORT    ", "    1234.567 kWh"]);
  const before = bytes();
  text.show(["TOTAL IMPORT    ", "    1234.568 kWh"]);
  expect(bytes() - before).toBe(2);
  expect(model.text()[1]).toBe("    1234.568 kWh");
});

test("half a byte lost garbles it until it is set up anew, whatever half is left over", () => {
  for (let left = 0; left < 16; left++) {
    const { lcd, model, nibble } = display(16, 2);
    const text = new LcdText(lcd);
    text.show(["TOTAL IMPORT    ", "    1234.567 kWh"]);
    nibble(left);
    text.show(["TOTAL EXPORT    ", "      89.012 kWh"]);
    text.renew();
    text.show(["TOTAL EXPORT    ", "      89.012 kWh"]);
    expect(model.text()).toEqual(["TOTAL EXPORT    ", "      89.012 kWh"]);
  }
});
