// The sun over London and the clouds before it: what a solar inverter of a given size feeds in, any moment of a year.
import { hourOf } from "./loads.js";
import { wander } from "./random.js";

const LATITUDE = (51.5 * Math.PI) / 180;

/**
 * Power of an array in W; `peak_w` under a high clear sun; `clouds` 0 (none) to 1 (they pass all day). Never below 0.
 * Time is UTC seconds since 1970; at London's longitude the sun's noon is near enough 12:00 UTC.
 */
export function solar_w(seed: number, utc_s: number, peak_w: number, clouds: number): number {
  const height = sunHeight(utc_s);
  if (height <= 0) return 0;
  const cover =
    wander(seed ^ 0x51, utc_s / 90) + 0.6 * wander(seed ^ 0x52, utc_s / 21) + 0.4 * wander(seed ^ 0x53, utc_s / 1800);
  const shade = clouds / (1 + Math.exp(-6 * (cover - 0.1)));
  return peak_w * height * (1 - 0.85 * shade);
}

/** The sine of the sun's elevation. */
function sunHeight(utc_s: number): number {
  const day = (utc_s / 86_400 + 10) % 365.25;
  const declination = -0.4093 * Math.cos((2 * Math.PI * day) / 365.25);
  const angle = ((hourOf(utc_s) - 12) * Math.PI) / 12;
  return Math.sin(LATITUDE) * Math.sin(declination) + Math.cos(LATITUDE) * Math.cos(declination) * Math.cos(angle);
}
