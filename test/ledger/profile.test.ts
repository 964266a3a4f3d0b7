// Part of a log of half hours: what is found by seeking is what a look at every entry finds, wherever the log has aged out.

import fc from "fast-check";
import { expect, test } from "vitest";
import { append, EMPTY_PROFILE, type HalfHour, kept, keptWithin, type Profile } from "../../host/ledger/profile.js";
import { HALF_HOUR_ms, Utc_ms } from "../../host/ledger/units.js";

const START = Date.UTC(2026, 0, 1);

/** So many half hours, of which every fifth is missing: a meter without power has none. */
function profileOf(entries: number): Profile {
  let profile = EMPTY_PROFILE;
  for (let k = 0; k < entries; k++) {
    const end = Utc_ms(START + (k + Math.floor(k / 4)) * HALF_HOUR_ms);
    profile = append(profile, { end, wh: [k, 1, 2, 3], flags: [] }).profile;
  }
  return profile;
}

/** Without any, part of a page, whole pages, past the shallow depth, past the deepest and a page of it gone. */
const PROFILES = [0, 1, 47, 48, 96, 4_500, 19_056, 19_056 + 47, 19_056 + 48, 19_200].map(profileOf);

test("the half hours of a time are those that lie in it, both ends included, as the whole log shows them", () => {
  const shown = new Map(PROFILES.map((profile) => [profile, [...kept(profile)]]));
  /** At an entry that begins or ends a page, or a little beside one. */
  const moment = (entries: readonly HalfHour[]) =>
    fc
      .tuple(fc.nat(Math.ceil(entries.length / 48)), fc.constantFrom(-1, 0, 1, 20), fc.constantFrom(-1, 0, 1))
      .map(([page, more, more_ms]) => Utc_ms((entries[48 * page + more]?.end ?? START) + more_ms));
  const asked = fc
    .constantFrom(...PROFILES)
    .chain((profile) =>
      fc.tuple(fc.constant(profile), moment(shown.get(profile) ?? []), moment(shown.get(profile) ?? [])),
    );
  fc.assert(
    fc.property(asked, ([profile, from, to]) => {
      const wanted = (shown.get(profile) ?? []).filter(({ end }) => end >= from && end <= to);
      expect(keptWithin(profile, from, to)).toEqual(wanted);
    }),
    { numRuns: 300 },
  );
});

test("all of time is all of the log", () => {
  const ever = [Utc_ms(Number.MIN_SAFE_INTEGER), Utc_ms(Number.MAX_SAFE_INTEGER)] as const;
  for (const profile of PROFILES) expect(keptWithin(profile, ...ever)).toEqual([...kept(profile)]);
});
