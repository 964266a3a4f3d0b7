// How long a program runs: for a time, or until it is told to stop (Ctrl-C, a service manager).

/** Resolves after `for_ms`, or on SIGINT or SIGTERM; for ever where it is null. A second signal ends the process at once. */
export function until(for_ms: number | null): Promise<void> {
  return new Promise((resolve) => {
    const timer = for_ms === null ? setInterval(() => {}, 1 << 30) : setTimeout(done, for_ms);
    function done() {
      clearTimeout(timer);
      resolve();
    }
    process.once("SIGINT", done);
    process.once("SIGTERM", done);
  });
}
