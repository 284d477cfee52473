// Fake timers replace the global function.
const { setImmediate } = globalThis;

const turns = 5;

/** Waits for several turns of the event loop, so that all promises and immediates that can run have run. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
