// The second board without its processor: speaks Firmata as StandardFirmata does, byte for byte, and executes nothing. For whole days.
// (Firmata protocol 2.6, github.com/firmata/protocol: protocol.md.)

import { FIRST_ANALOG_PIN, type FirmataDevice, UNO_PINS } from "./device.js";

const NAME = "StandardFirmata.ino";
const [DIGITAL, ANALOG, REPORT_ANALOG, REPORT_DIGITAL] = [0x90, 0xe0, 0xc0, 0xd0];
const [START, END, PIN_MODE, PIN_VALUE, VERSION, RESET] = [0xf0, 0xf7, 0xf4, 0xf5, 0xf9, 0xff];
const [ANALOG_MAPPING, CAPABILITIES, FIRMWARE, SAMPLING] = [0x69, 0x6b, 0x79, 0x7a];
const MODE = { input: 0, output: 1, analog: 2, pullUp: 11 };
/** Modes and resolutions of a digital and of an analog pin; the two of the UART have none. */
const DIGITAL_MODES = [MODE.input, 1, MODE.pullUp, 1, MODE.output, 1];
const ANALOG_MODES = [...DIGITAL_MODES, MODE.analog, 10];
const FIRST_DIGITAL_PIN = 2;
const NOT_ANALOG = 0x7f;
const LONGEST_SYSEX = 64;
/** The boot loader, then the version blinked on D13. */
const BOOT_ms = 1_900;

export interface PeerVersion {
  readonly major: number;
  readonly minor: number;
}

export class FirmataPeer implements FirmataDevice {
  onBytes: (bytes: Uint8Array) => void = () => {};
  onPin: (pin: number, high: boolean) => void = () => {};
  #time_ms = 0;
  readonly #levels = new Uint8Array(UNO_PINS);
  readonly #driven = new Uint8Array(UNO_PINS);
  readonly #modes = new Uint8Array(UNO_PINS);
  readonly #reportedPorts = new Set<number>();
  readonly #reportedChannels = new Set<number>();
  /** What each port was told to be last. */
  readonly #told = [0, 0, 0];
  #sampling_ms = 19;
  #sample_ms = 0;
  #up_ms = 0;
  #message: number[] = [];

  constructor(private readonly version: PeerVersion = { major: 2, minor: 4 }) {
    this.#start();
  }

  get time_ms(): number {
    return this.#time_ms;
  }

  send(bytes: Uint8Array): void {
    if (this.#time_ms < this.#up_ms) return; // the boot loader has them
    for (const byte of bytes) this.#receive(byte);
  }

  setInput(pin: number, high: boolean): void {
    this.#levels[pin] = high ? 1 : 0;
    this.#report(pin >> 3);
  }

  runUntil(time_ms: number): void {
    if (this.#time_ms < this.#up_ms && time_ms >= this.#up_ms) this.#sayVersion();
    while (this.#sample_ms <= time_ms) {
      this.#time_ms = Math.max(this.#time_ms, this.#sample_ms);
      for (const channel of this.#reportedChannels) this.onBytes(Uint8Array.of(ANALOG | channel, 0, 0));
      this.#sample_ms += this.#sampling_ms;
    }
    this.#time_ms = Math.max(this.#time_ms, time_ms);
  }

  reset(): void {
    this.#start();
  }

  #start(): void {
    this.#up_ms = this.#time_ms + BOOT_ms;
    this.#message = [];
    this.#reportedPorts.clear();
    this.#reportedChannels.clear();
    this.#told.fill(0);
    this.#sampling_ms = 19;
    for (let pin = 0; pin < UNO_PINS; pin++) {
      this.#modes[pin] = pin >= FIRST_ANALOG_PIN ? MODE.analog : MODE.output;
      this.#drive(pin, false);
    }
  }

  #sayVersion(): void {
    this.onBytes(Uint8Array.of(VERSION, this.version.major, this.version.minor));
    this.#sayFirmware();
  }

  #sayFirmware(): void {
    const name = [...NAME].flatMap((letter) => [letter.charCodeAt(0) & 0x7f, letter.charCodeAt(0) >> 7]);
    this.onBytes(Uint8Array.of(START, FIRMWARE, this.version.major, this.version.minor, ...name, END));
  }

  #receive(byte: number): void {
    const message = this.#message;
    if (message.length === 0 || (byte >= 0x80 && byte !== END)) {
      this.#message = byte >= 0x80 ? [byte] : [];
      if (byte === VERSION)
        this.#done(() => this.onBytes(Uint8Array.of(VERSION, this.version.major, this.version.minor)));
      else if (byte === RESET) this.#done(() => this.#start());
      return;
    }
    message.push(byte);
    const [first = 0, a = 0, b = 0] = message;
    const command = first < START ? first & START : first;
    if (command === START) {
      if (byte === END) this.#done(() => this.#sysex(message.slice(1, -1)));
      else if (message.length > LONGEST_SYSEX) this.#message = [];
    } else if (command === REPORT_DIGITAL || command === REPORT_ANALOG) this.#done(() => this.#switch(first, a === 1));
    else if (message.length === 3) this.#done(() => this.#three(command, first & 0x0f, a, b));
  }

  #done(act: () => void): void {
    this.#message = [];
    act();
  }

  #switch(first: number, on: boolean): void {
    const of = (first & START) === REPORT_DIGITAL ? this.#reportedPorts : this.#reportedChannels;
    if (on) of.add(first & 0x0f);
    else of.delete(first & 0x0f);
    if (of === this.#reportedPorts && on) this.#report(first & 0x0f);
  }

  #three(command: number, low: number, a: number, b: number): void {
    if (command === PIN_MODE && a < UNO_PINS) this.#modes[a] = b;
    if (command === PIN_VALUE) this.#drive(a, b === 1);
    if (command !== DIGITAL) return;
    for (let bit = 0; bit < 8; bit++) this.#drive(8 * low + bit, (((a | (b << 7)) >> bit) & 1) === 1);
  }

  #sysex(body: readonly number[]): void {
    const [command, low = 0, high = 0] = body;
    if (command === FIRMWARE) this.#sayFirmware();
    if (command === SAMPLING) this.#sampling_ms = Math.max(this.version.minor >= 5 ? 1 : 10, low | (high << 7));
    if (command === CAPABILITIES) {
      const modes = (pin: number) =>
        pin < FIRST_DIGITAL_PIN ? [] : pin < FIRST_ANALOG_PIN ? DIGITAL_MODES : ANALOG_MODES;
      const all = Array.from({ length: UNO_PINS }, (_, pin) => [...modes(pin), 0x7f]).flat();
      this.onBytes(Uint8Array.of(START, CAPABILITIES + 1, ...all, END));
    }
    if (command === ANALOG_MAPPING) {
      const channel = (pin: number) => (pin < FIRST_ANALOG_PIN ? NOT_ANALOG : pin - FIRST_ANALOG_PIN);
      this.onBytes(Uint8Array.of(START, ANALOG_MAPPING + 1, ...this.#levels.map((_, pin) => channel(pin)), END));
    }
  }

  /** Outputs follow; what is written to an input is its pull-up, which the outside has already. */
  #drive(pin: number, high: boolean): void {
    if (pin >= UNO_PINS) return;
    const driven = high && this.#modes[pin] === MODE.output ? 1 : 0;
    if (this.#driven[pin] === driven) return;
    this.#driven[pin] = driven;
    this.onPin(pin, driven === 1);
  }

  /** A port is told where it changed. */
  #report(port: number): void {
    if (!this.#reportedPorts.has(port)) return;
    let value = 0;
    for (let bit = 0; bit < 8; bit++) {
      const pin = 8 * port + bit;
      const input = this.#modes[pin] === MODE.input || this.#modes[pin] === MODE.pullUp;
      if (input && this.#levels[pin] === 1) value |= 1 << bit;
    }
    if (value === this.#told[port]) return;
    this.#told[port] = value;
    this.onBytes(Uint8Array.of(DIGITAL | port, value & 0x7f, value >> 7));
  }
}
