import { AsphaltError } from '../../src/errors/asphalt-error.ts';

/** Returns the error that a call throws or rejects with. Throws if the call succeeds. */
export async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

/** Returns the summary of the runtime error that a call throws or rejects with; undefined if the call succeeds. */
export async function summaryOf(call: () => unknown): Promise<string | undefined> {
  try {
    await call();
  } catch (error) {
    if (AsphaltError.is(error)) return error.summary;
    throw error;
  }
  return undefined;
}

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
