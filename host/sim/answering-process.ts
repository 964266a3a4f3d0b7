// What every simulator's own program does at its end of asked-process.ts: answers whoever forked it, ends with them, and says on stderr
// why it cannot go on.

/** What is wrong, and what to do about it. */
export function fail(exit: 1 | 2, code: string, reason: string, next: string): never {
  process.stderr.write(`${JSON.stringify({ code, reason, next })}\n`);
  process.exit(exit);
}

/** To be called before anything is opened: a file that cannot be written ends the simulator; whatever else is thrown is its own bug. */
export function failByThrowing(): void {
  process.on("uncaughtException", (error: NodeJS.ErrnoException) => {
    if (error.code !== undefined)
      fail(1, error.code.toLowerCase(), error.message, "make room on the disk, or name another file");
    process.stderr.write(`${error.stack}\n`);
    process.exit(70);
  });
}

/** Until it is told to stop, or whoever forked it is gone. */
export function answerParent<Asking extends object>(answer: (asking: Asking) => unknown, stop: () => void): void {
  const end = () => {
    stop();
    process.exit(0);
  };
  process.on("SIGTERM", end);
  // Ctrl-C reaches the whole group: one that was forked goes on until its parent lets it go, and may be asked for the truth.
  process.on("SIGINT", process.send === undefined ? end : () => {});
  process.on("disconnect", end);
  // Who forked it may have gone before this was listened for.
  if (process.connected === false) end();
  process.on("message", (question: { readonly id: number } & Asking) =>
    process.send?.({ id: question.id, answer: answer(question) }),
  );
}
