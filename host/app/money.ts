// Money and prices for a person: micropence and millipence as pence and pounds, rounded once, half up, by integer division.

const SIGNS = { GBP: "£", EUR: "€" } as const;
export type Currency = keyof typeof SIGNS;

/** 24500 millipence as "24.500". */
export function pence(millipence: number): string {
  return `${Math.floor(millipence / 1_000)}.${String(millipence % 1_000).padStart(3, "0")}`;
}

/** 123456789 micropence as "£1.23": to the penny. */
export function money(micropence: number, currency: Currency): string {
  const whole = Math.floor(micropence / 1_000_000) + (micropence % 1_000_000 >= 500_000 ? 1 : 0);
  return `${SIGNS[currency]}${Math.floor(whole / 100).toLocaleString("en-GB")}.${String(whole % 100).padStart(2, "0")}`;
}
