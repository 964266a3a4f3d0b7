// For tests over a real socket: the event loop turns until something holds, and a hang says what it waited for.

export async function until(holds: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 20_000; !holds(); ) {
    if (Date.now() > deadline) throw new Error(`it never held: ${holds}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
