// Each wiring picture joins what its schematic joins: the same parts and pins on the same nets, told by names alone.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

type Pins = Readonly<Record<string, string | null>>;
interface Part {
  readonly symbol: string;
  readonly pins?: Pins;
  readonly left?: Pins;
  readonly right?: Pins;
}
interface Thing {
  readonly kind?: string;
  readonly up?: readonly number[];
  readonly down?: readonly number[];
}

/** The names of LEDs and the display that the pictures shorten; a pin's second name is dropped. */
const refOf = (name: string) => name.replace(/^L(\d)$/, "LED$1").replace(/^LCD$/, "LCD1");
const pinOf = (ref: string, pin: string) =>
  ref === "UNO" ? pin.replace(/ .*/, "") : pin.replace(/ ?#.*| \(.*\)| $/g, "").trim();

/** Sets that grow together. */
class Joined {
  readonly #over = new Map<string, string>();
  root(one: string): string {
    const over = this.#over.get(one);
    return over === undefined ? one : this.root(over);
  }
  join(a: string, b: string): void {
    const [from, to] = [this.root(a), this.root(b)];
    if (from !== to) this.#over.set(from, to);
  }
}

/** What is joined, as sorted lists of `R1` (a part with two leads) and `UNO.D5` (a pin with a name). */
function nets(ends: readonly { readonly net: string; readonly ref: string; readonly pin: string | null }[]) {
  return (shared: ReadonlySet<string>) => {
    const members = new Map<string, Set<string>>();
    for (const { net, ref, pin } of ends)
      if (shared.has(ref)) members.set(net, (members.get(net) ?? new Set()).add(pin === null ? ref : `${ref}.${pin}`));
    return [...members.values()]
      .filter((set) => set.size > 1)
      .map((set) => [...set].sort().join(" + "))
      .sort();
  };
}

function ofSchematic(name: string) {
  const { parts } = JSON.parse(readFileSync(`hardware/schematics/${name}.json`, "utf8")) as {
    readonly parts: Readonly<Record<string, Part>>;
  };
  const joined = new Joined();
  const ends = Object.entries(parts).flatMap(([ref, part]) => {
    if (part.symbol === "name") joined.join("net bias", `net ${Object.values(part.pins ?? {})[0]}`);
    const named = [...Object.entries(part.left ?? {}), ...Object.entries(part.right ?? {})].map(([pin, net]) => {
      // `A` and `A ` are the two wires in one terminal.
      if (pin.endsWith(" ")) joined.join(`net ${part.left?.[pin.trim()]}`, `net ${net}`);
      return { ref, pin: pinOf(ref, pin), net };
    });
    const leads = Object.values(part.pins ?? {}).map((net) => ({ ref, pin: null, net }));
    return [...named, ...leads].flatMap(({ net, ...end }) => (net === null ? [] : [{ ...end, net: `net ${net}` }]));
  });
  return { refs: new Set(Object.keys(parts)), nets: nets(ends.map((end) => ({ ...end, net: joined.root(end.net) }))) };
}

function ofPicture(name: string) {
  const { things, wires } = JSON.parse(readFileSync(`hardware/wiring/${name}.json`, "utf8")) as {
    readonly things: Readonly<Record<string, Thing>>;
    readonly wires: readonly (readonly [string, string, string])[];
  };
  const joined = new Joined();
  const split = (place: string) => [place.slice(0, place.indexOf(".")), place.slice(place.indexOf(".") + 1)] as const;
  const between = (ref: string) => ["strip", "node", "label"].includes(things[ref]?.kind ?? "");
  /** A strip or a node is one point; `GND #2` is the same terminal as `GND`. */
  const point = (place: string) => {
    const [ref, pin] = split(place);
    const plain = pin.replace(/ #.*/, "");
    const one = ref === "UNO" || (/ #2$/.test(pin) && !/^(AC|CT)/.test(pin));
    return between(ref) ? ref : `${ref}.${one ? plain : pin}`;
  };
  for (const [from, to] of wires) joined.join(point(from), point(to));
  const ends = wires.flatMap(([from, to]) =>
    [from, to].flatMap((place) => {
      const [name, pin] = split(place);
      if (between(name)) return [];
      const ref = refOf(name);
      const leads = things[name]?.kind !== undefined && things[name]?.kind !== "uno";
      return [{ ref, pin: leads ? null : pinOf(ref, pin), net: joined.root(point(place)) }];
    }),
  );
  return { refs: new Set(ends.map(({ ref }) => ref)), nets: nets(ends) };
}

const names = readdirSync("hardware/wiring").flatMap((file) => (file.endsWith(".json") ? [file.slice(0, -5)] : []));

test.each(names)("hardware/wiring/%s.svg joins what its schematic joins", (name) => {
  expect(existsSync(`hardware/schematics/${name}.json`)).toBe(true);
  const [schematic, picture] = [ofSchematic(name), ofPicture(name)];
  const shared = new Set([...picture.refs].filter((ref) => schematic.refs.has(ref) && ref !== "PC"));
  expect(shared.size).toBeGreaterThan(2);
  expect(picture.nets(shared)).toEqual(schematic.nets(shared));
});
