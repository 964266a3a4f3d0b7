// `esme init`: finds what is connected, asks what it measures, writes esme.yaml and checks it. What the configuration would refuse is
// refused when it is answered; until all is answered nothing is written.

import { z } from "zod";
import { listPorts } from "../../adapters/serial-port.js";
import { systemClock } from "../clocks.js";
import { configPath } from "../data-dir.js";
import { expectedHouse, ownersDevices } from "../finding/house.js";
import { lookAt, type Place, placeName } from "../finding/place.js";
import { nameFor, type Point, type PointRole, pointsOf, usualRoles } from "../finding/points.js";
import { progressLine } from "../finding/progress.js";
import { type Prompter, prompter } from "../finding/prompting.js";
import { findingInWords } from "../finding/telling.js";
import { type Chosen, refuseExisting, textOf, written } from "../finding/writing.js";
import { refuse, usedWrongly } from "../refusal.js";
import { ANSWERS, yamlFile } from "../yaml-file.js";
import { hostPort } from "./doctor.js";

interface Options {
  readonly data: string;
  readonly port?: readonly string[];
  readonly tcp?: readonly string[];
  readonly scan: "quick" | "full";
  readonly answers?: string;
  readonly yes?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

const ROLES = ["grid", "generation", "load", "battery", "check", "none"] as const;
const Name = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, "a name is lower-case letters, digits and hyphens");
const AnswersSchema = z.strictObject({
  ports: z.array(z.string().min(1)).max(16).optional(),
  tcp: z
    .array(z.string().regex(/^[^\s:]+:\d{1,5}$/, "write host:port"))
    .max(16)
    .optional(),
  sources: z
    .array(
      z.strictObject({
        /** As `esme doctor` and `esme init` name it: "/dev/ttyUSB0 address 1". */
        at: z.string().min(1),
        role: z.enum(ROLES),
        name: Name.optional(),
        check_of: Name.optional(),
        model: z.string().optional(),
        imp_per_kwh: z.int().optional(),
        reversed: z.boolean().optional(),
      }),
    )
    .min(1)
    .max(32),
});
type Answers = z.infer<typeof AnswersSchema>;

const USUAL_FUSE_W = 75_900;

export async function init(options: Options): Promise<void> {
  const { data, json = false, yes = false, force = false } = options;
  if (json && !yes && options.answers === undefined) usedWrongly("--json asks nobody", "give --answers FILE, or --yes");
  const answers = options.answers === undefined ? null : yamlFile(options.answers, ...ANSWERS).as(AnswersSchema);
  refuseExisting(data, force);
  await refuseOwned(data);
  const say = (text: string) => void (json || process.stdout.write(`${text}\n`));
  const points = await found(await placesOf(options, answers), options, say);
  const asking = answers === null && !yes ? prompter() : null;
  try {
    const chosen =
      answers !== null ? answered(answers, points) : asking === null ? usual(points) : await asked(asking, points);
    const text = textOf(chosen);
    if (asking !== null) await confirmed(asking, configPath(data), text);
    const house = written(data, text, force);
    const path = configPath(data);
    if (json)
      process.stdout.write(
        `${JSON.stringify({ schema: "esme/init/1", path, notes: house.notes, sources: told(chosen) })}\n`,
      );
    say(`${path} is written, and sound`);
    for (const note of house.notes) say(`  note: ${note}`);
    say("  next: esme run; then `esme doctor --direction` says which clamp is the wrong way round");
  } finally {
    asking?.close();
  }
}

/** A house that meters holds its ports: nothing could be found at them. */
async function refuseOwned(data: string): Promise<void> {
  if ((await ownersDevices(data)) === null) return;
  refuse({
    code: "owned",
    reason: `${data} is metering`,
    next: "stop its esme run first, or begin another house with --data",
  });
}

async function placesOf({ port, tcp }: Options, answers: Answers | null): Promise<readonly Place[]> {
  const ports = port ?? answers?.ports ?? [];
  const hosts = (tcp ?? answers?.tcp ?? []).map((text) => hostPort("--tcp", "tcp", text));
  const all = ports.length + hosts.length === 0 ? (await listPorts()).map(({ path }) => path) : ports;
  const paths = [...new Set(all)].map((path) => ({ kind: "serial", path }) as const);
  return [...paths, ...hosts];
}

async function found(
  places: readonly Place[],
  { data, scan, json = false }: Options,
  say: (text: string) => void,
): Promise<readonly Point[]> {
  const expected = expectedHouse(data);
  const points: Point[] = [];
  for (const place of places) {
    const { tell, end } = progressLine(!json && process.stderr.isTTY === true, placeName(place));
    const fuse_w = expected.fuse_w ?? USUAL_FUSE_W;
    const look = { clock: systemClock, sort: "any", depth: scan, expected: expected.at(place), fuse_w, tell } as const;
    const finding = await lookAt(place, look);
    end();
    say(`${placeName(place)}: ${findingInWords({ place, finding }, "without yaml")}`);
    points.push(...pointsOf(place, finding));
  }
  if (points.length > 0) return points;
  const where =
    places.length === 0 ? "there is no serial port" : `nothing to meter at ${places.map(placeName).join(", ")}`;
  return refuse({
    code: "nothing-found",
    reason: where,
    next: "`esme doctor` says more; name a place with --port or --tcp",
  });
}

/** What is likely, as it is. Without a grid there is no house. */
function usual(points: readonly Point[]): readonly Chosen[] {
  const taken = new Set<string>();
  return usualRoles(points).flatMap((role, k) => {
    const point = points[k];
    if (point === undefined || role === null) return [];
    const name = nameFor(role, taken);
    taken.add(name);
    return { point, name, role, checkOf: null };
  });
}

function answered({ sources }: Answers, points: readonly Point[]): readonly Chosen[] {
  const taken = new Set<string>();
  return sources.flatMap(({ at, role, name, check_of, ...more }) => {
    const point = pointAt(at, points);
    if (role === "none") return [];
    const wrong = wrongRole(point, role);
    if (wrong !== null)
      refuse({ code: "role-refused", reason: `${at}: ${wrong}`, next: "nothing was written: answer otherwise" });
    const own = name ?? nameFor(role, taken);
    taken.add(own);
    const keys = { ...point.keys };
    for (const [key, value] of Object.entries(more)) if (value !== undefined) keys[key] = value;
    return { point: { ...point, keys }, name: own, role, checkOf: check_of ?? null };
  });
}

/** Pulse inputs are found by their board: any pin of it may be named. */
function pointAt(at: string, points: readonly Point[]): Point {
  const [, board, pin] = /^(.*) pin (\d+)$/.exec(at) ?? [];
  const found = points.find(({ at: one }) => one === at || (board !== undefined && one.startsWith(`${board} pin `)));
  if (found === undefined) {
    const next = `there is: ${points.map((one) => one.at).join("; ")}`;
    return refuse({ code: "not-found", reason: `nothing was found at "${at}"`, next });
  }
  return pin === undefined ? found : { ...found, at, keys: { ...found.keys, pin: Number(pin) } };
}

async function asked(asking: Prompter, points: readonly Point[]): Promise<readonly Chosen[]> {
  const likely = usualRoles(points);
  const chosen: Chosen[] = [];
  for (const [k, point] of points.entries()) {
    asking.say(`\n${point.at}: ${point.what}`);
    const taken = new Set(chosen.map(({ name }) => name));
    const grid = chosen.find((one) => one.role === "grid");
    const wrong = (answer: string) => {
      const role = ROLES.find((one) => one === answer);
      if (role === undefined) return `write one of ${ROLES.join(", ")}`;
      if (role === "grid" && grid !== undefined)
        return `${grid.name} is the grid already; a second meter there is a check`;
      if (role === "check" && chosen.length === 0) return "a check stands beside another source: name that one first";
      return role === "none" ? null : wrongRole(point, role);
    };
    const role = await asking.ask(
      "  what does it measure: grid, generation, load, battery, check, or none?",
      likely[k] ?? "none",
      wrong,
    );
    if (role === "none") continue;
    const unique = (name: string) =>
      !Name.safeParse(name).success
        ? "lower-case letters, digits and hyphens"
        : taken.has(name)
          ? "that name is taken"
          : null;
    const name = await asking.ask("  its name?", nameFor(role, taken), unique);
    const checkOf =
      role === "check"
        ? await asking.ask("  beside which source?", grid?.name ?? "", (one) =>
            taken.has(one) ? null : `one of ${[...taken].join(", ")}`,
          )
        : null;
    chosen.push({ point: await details(asking, point), name, role: role as PointRole, checkOf });
  }
  return chosen;
}

/** What nobody can find out: the model among equals, the pulses to a kWh. */
async function details(asking: Prompter, point: Point): Promise<Point> {
  const whole = (least: number, most: number) => (text: string) =>
    /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most
      ? null
      : `a whole number from ${least} to ${most}`;
  if (point.keys.kind === "pulses") {
    const pin = Number(await asking.ask("  on which pin, D2 to D7?", String(point.keys.pin), whole(2, 7)));
    const imp_per_kwh = Number(
      await asking.ask("  pulses to a kWh, as its label says?", String(point.keys.imp_per_kwh), whole(1, 100_000)),
    );
    return { ...point, keys: { ...point.keys, pin, imp_per_kwh } };
  }
  if (point.alike.length === 0) return point;
  const models = [String(point.keys.model), ...point.alike];
  const wrong = (text: string) => (models.includes(text) ? null : `one of ${models.join(", ")}`);
  const model = await asking.ask(`  which model is it: ${models.join(", ")}?`, models[0] ?? "", wrong);
  return { ...point, keys: { ...point.keys, model }, alike: models.filter((one) => one !== model) };
}

async function confirmed(asking: Prompter, path: string, text: string): Promise<void> {
  asking.say(`\n${text}`);
  const answer = await asking.ask(`write this to ${path} (y/n)?`, "y");
  if (!/^y/i.test(answer))
    refuse({ code: "not-written", reason: "nothing was written", next: "begin again with esme init" });
}

function wrongRole({ blind }: Point, role: PointRole): string | null {
  return role === "grid" && blind !== null
    ? `${blind}: it cannot stand at the grid; as generation, load or battery it may`
    : null;
}

function told(chosen: readonly Chosen[]): readonly object[] {
  return chosen.map(({ point, name, role }) => ({ at: point.at, name, role, ...point.keys }));
}
