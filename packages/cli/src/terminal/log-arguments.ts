/** Accepts everything that code passes to a logger. A log call must never throw, whatever its arguments are. */
import { inspect } from 'node:util';
import { describeThrown } from '@asphalt/core/errors';

export interface LogArguments {
  readonly message: string;
  readonly data: object | undefined;
}

/**
 * Returns the arguments of a log call as the message and the data of a line. The message may be an error, because
 * `.catch(this.logger.error)` passes one.
 */
export function logArguments(message: unknown, data: unknown): LogArguments {
  if (message instanceof Error) {
    const more = data === undefined ? undefined : data instanceof Error ? { data } : fieldsOf(data);
    return { message: message.message === '' ? message.name : message.message, data: { error: message, ...more } };
  }
  const text = typeof message === 'string' ? message : described(message);
  return { message: text, data: data === undefined || data === null ? undefined : fieldsOf(data) };
}

/** Returns the own properties of the data, each with its value or a text in place of a value that cannot be read. */
function fieldsOf(data: unknown): object {
  try {
    if (data instanceof Error) return data;
    if (data instanceof Map || data instanceof Set) return { data: [...data] };
    if (typeof data !== 'object' || data === null || Array.isArray(data)) return { data };
    return Object.fromEntries(Object.keys(data).map((key) => [key, propertyOf(data, key)]));
  } catch (error) {
    return { data: unreadable(error) };
  }
}

function propertyOf(data: object, key: string): unknown {
  try {
    return (data as Record<string, unknown>)[key];
  } catch (error) {
    return unreadable(error);
  }
}

/** Returns a text in place of a value that throws when it is read or formatted. */
export function unreadable(error: unknown): string {
  return `[unreadable: ${described(error)}]`;
}

function described(value: unknown): string {
  try {
    return value instanceof Error ? describeThrown(value) : inspect(value, { depth: 1, breakLength: Infinity });
  } catch {
    return 'unknown';
  }
}
