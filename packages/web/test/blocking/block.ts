const owner = Symbol.for('@asphalt/watchdog/component');

/** Blocks the event loop until the watchdog has read the stack twice. It then calls a global function. */
export function crunch(): void {
  const globals = globalThis as unknown as Record<symbol, (value: unknown) => unknown>;
  const ownerOf = globals[owner]!;
  const latest = Date.now() + 10_000;
  for (let looks = 0; looks < 2; looks++) {
    let hasLooked = false;
    globals[owner] = (value) => {
      globals[owner] = ownerOf;
      hasLooked = true;
      return ownerOf(value);
    };
    while (!hasLooked && Date.now() < latest);
  }
}
