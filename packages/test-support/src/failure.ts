import { AsphaltError } from '@asphalt/core';

type Call = (() => unknown) | PromiseLike<unknown>;

/** Returns the value that a call throws, or that its promise rejects with. Throws if the call succeeds. */
export async function failureOf(call: Call): Promise<unknown> {
  try {
    await (typeof call === 'function' ? call() : call);
  } catch (error) {
    return error;
  }
  throw new Error('expected a failure, but the call succeeded');
}

/** Returns the error of a call like {@link failureOf}. Throws if the value is not an `Error`. */
export async function errorOf(call: Call): Promise<Error> {
  const failure = await failureOf(call);
  if (failure instanceof Error) return failure;
  throw new TypeError('expected an Error, but the call threw another value', { cause: failure });
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
