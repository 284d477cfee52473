import { AsphaltError } from '@asphalt/core';

type Call = (() => unknown) | PromiseLike<unknown>;
type ErrorClass<E> = abstract new (...args: never[]) => E;

/** Returns the value that a call throws, or that its promise rejects with. Throws if the call succeeds. */
export async function failureOf(call: Call): Promise<unknown> {
  try {
    await (typeof call === 'function' ? call() : call);
  } catch (error) {
    return error;
  }
  throw new Error('expected a failure, but the call succeeded');
}

/**
 * Returns the error of a call like {@link failureOf}.
 *
 * @param type - the class of the error; defaults to `Error`
 * @throws a TypeError if the call fails with another value
 */
export async function errorOf(call: Call): Promise<Error>;
export async function errorOf<E extends Error>(call: Call, type: ErrorClass<E>): Promise<E>;
export async function errorOf(call: Call, type: ErrorClass<Error> = Error): Promise<Error> {
  const failure = await failureOf(call);
  if (failure instanceof type) return failure;
  throw new TypeError(`expected an error of class ${type.name}`, { cause: failure });
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
