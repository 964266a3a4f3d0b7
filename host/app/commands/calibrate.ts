// `esme calibrate`: guided, or by an answers file; the house goes on metering meanwhile (docs/guides/calibration.md).

import { answering } from "../../lab/calibration/answers.js";
import { CLAMPS, type Clamp } from "../../lab/calibration/constants.js";
import { type Calibrated, calibrate, type Person } from "../../lab/calibration/procedure.js";
import { type AnswersFile, answersIn, USUAL } from "../calibration/answers-file.js";
import { type HouseOptions, inHouse, type Shop } from "../calibration/house.js";
import { personAt } from "../calibration/person.js";
import { constantsInWords, placesInWords, residualsInWords } from "../calibration/told.js";
import { refuse, usedWrongly } from "../refusal.js";

interface Options extends HouseOptions {
  readonly clamp?: string;
  readonly reference?: string;
  readonly within?: number;
  readonly answers?: string;
}

export async function calibrateCommand(options: Options): Promise<void> {
  const file = options.answers === undefined ? null : answersIn(options.answers);
  const named = options.clamp === undefined ? null : clampsNamed(options.clamp);
  if (file === null && options.json === true)
    usedWrongly("--json has nobody to ask", "give an answers file: --answers FILE (docs/spec/calibration.md)");
  if (named !== null && file?.clamps != null && named.join() !== file.clamps.join())
    usedWrongly("--clamp and the answers file name different clamps", "leave --clamp out");
  await inHouse(options, async (shop) => {
    const clamps = named ?? file?.clamps ?? (shop.clamp === null ? null : [shop.clamp]);
    if (clamps === null)
      return usedWrongly(`${shop.source} is measured by several clamps`, "say which one with --clamp 1, 2, 3 or all");
    const reference = file === null ? (options.reference ?? shop.check ?? "typed") : (file.reference ?? "typed");
    if (file !== null && options.reference !== undefined && options.reference !== reference)
      return usedWrongly("--reference and the answers file name different references", "leave --reference out");
    const done = await calibrated(shop, options, file, clamps, reference);
    process.stdout.write(
      options.json === true ? `${JSON.stringify(told(done, reference))}\n` : inWords(done, file !== null),
    );
  });
}

async function calibrated(
  shop: Shop,
  options: Options,
  file: AnswersFile | null,
  clamps: readonly Clamp[],
  reference: string,
): Promise<Calibrated> {
  const within_percent = options.within ?? file?.within_percent ?? USUAL.within_percent;
  const at =
    file === null
      ? personAt(process.stdin, process.stdout, clamps, within_percent, reference)
      : { person: scripted({ ...file, clamps, within_percent }, options.json === true), close: () => {} };
  try {
    const done = await calibrate(shop.bench(reference), at.person);
    return done.ok ? done : refuse(done);
  } finally {
    at.close();
  }
}

function scripted(answers: AnswersFile & { readonly clamps: readonly Clamp[] }, silent: boolean): Person {
  const say = (text: string) => {
    if (!silent) process.stdout.write(`${text}\n`);
  };
  const person = answering(answers, say);
  return {
    ...person,
    ready: (step) => {
      say(`${step.load}: waiting until it is on`);
      return person.ready(step);
    },
  };
}

function clampsNamed(text: string): readonly Clamp[] {
  if (text === "all") return CLAMPS;
  const clamp = CLAMPS.find((one) => String(one) === text);
  return clamp === undefined ? usedWrongly(`"${text}" is no clamp`, "write 1, 2, 3 or all") : [clamp];
}

function inWords({ inForce, places, fitted, slot, number }: Calibrated, whole: boolean): string {
  const seen = whole ? `${placesInWords(places)}${residualsInWords(fitted)}` : "";
  return (
    `${seen}Board ${inForce.device} keeps it in slot ${slot}, and has said so; entry ${number} of its history.\n` +
    `${constantsInWords(fitted.constants)}\`esme calibrate undo\` puts back what was there before.\n`
  );
}

function told({ inForce, places, fitted, slot, number }: Calibrated, reference: string): object {
  return {
    schema: "esme/calibrate/1",
    board: inForce.device,
    firmware: inForce.firmware,
    build: inForce.build,
    entry: number,
    slot,
    reference,
    places,
    before: inForce.channels,
    after: fitted.constants,
    clamps: fitted.clamps,
  };
}
