// How long a program runs: for a time, or until it is told to stop (Ctrl-C, a service manager).

/** A timer of Node's holds no more than 2^31 - 1 ms. */
const LONGEST_ms = 2 ** 31 - 1;

/** Resolves with "time" after `for_ms` (never, where it is null) or when `signal` gives up the wait, with "told" on SIGINT or SIGTERM; a
 * second signal of these ends the process at once. */
export function until(for_ms: number | null, signal?: AbortSignal): Promise<"time" | "told"> {
  return new Promise((resolve) => {
    const end_ms = for_ms === null ? Number.POSITIVE_INFINITY : performance.now() + for_ms;
    let timer: NodeJS.Timeout | undefined;
    const done = (why: "time" | "told") => {
      clearTimeout(timer);
      process.off("SIGINT", told);
      process.off("SIGTERM", told);
      signal?.removeEventListener("abort", gaveUp);
      resolve(why);
    };
    const told = () => done("told");
    const gaveUp = () => done("time");
    const wait = () => {
      const left_ms = end_ms - performance.now();
      if (left_ms <= 0) done("time");
      else timer = setTimeout(wait, Math.min(left_ms, LONGEST_ms));
    };
    process.once("SIGINT", told);
    process.once("SIGTERM", told);
    signal?.addEventListener("abort", gaveUp);
    wait();
  });
}
