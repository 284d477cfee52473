import { AsphaltError } from '../../src/errors/asphalt-error.ts';

/** What a call throws, or its promise rejects with. */
export async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

/** The first line of the runtime's error that a call ends with; undefined when it succeeds. */
export async function summaryOf(call: () => unknown): Promise<string | undefined> {
  try {
    await call();
  } catch (error) {
    if (AsphaltError.is(error)) return error.summary;
    throw error;
  }
  return undefined;
}

/** The warnings of the process that a call gives rise to. */
export async function warningsOf(call: () => unknown): Promise<Error[]> {
  const warnings: Error[] = [];
  const keep = (warning: Error): void => void warnings.push(warning);
  process.on('warning', keep);
  try {
    await call();
    // Node tells of warnings in the next tick.
    await new Promise(setImmediate);
  } finally {
    process.off('warning', keep);
  }
  return warnings;
}
