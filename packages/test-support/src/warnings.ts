/** Returns the process warnings that a call causes. */
export async function warningsOf(call: () => unknown): Promise<Error[]> {
  const warnings: Error[] = [];
  const keep = (warning: Error): void => void warnings.push(warning);
  process.on('warning', keep);
  try {
    await call();
    // Node emits warnings in the next tick.
    await new Promise(setImmediate);
  } finally {
    process.off('warning', keep);
  }
  return warnings;
}
