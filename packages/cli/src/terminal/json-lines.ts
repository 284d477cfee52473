/** Writes log lines for machines: one JSON object per line, in the format of pino and with its libraries. */
import serializers from 'pino-std-serializers';
import { configure } from 'safe-stable-stringify';
import { AsphaltError } from '@asphalt/core';
import type { LineWriter } from './logger.ts';
import type { Output } from './output.ts';
import { withSourceFrames } from './bundle-frames.ts';
import { causesOf } from './stack-text.ts';

export function jsonLines(output: Pick<Output, 'write'>): LineWriter {
  return ({ level, path, message, data = {} }) => {
    let text = `{"level":"${level}","time":"${new Date().toISOString()}"`;
    if (path !== '') text += `,"component":${JSON.stringify(path)}`;
    for (const [key, value] of Object.entries(data instanceof Error ? { err: data } : data)) {
      const json = jsonOf(value instanceof Error ? errorFields(value) : value);
      // A line has these keys itself, and JSON readers keep only the last of two equal keys.
      if (json !== undefined) text += `,${JSON.stringify(reserved.has(key) ? `${key}_` : key)}:${json}`;
    }
    output.write(`${text},"msg":${JSON.stringify(message)}}\n`, level === 'error' ? 'error' : 'line');
  };
}

const reserved = new Set(['level', 'time', 'component', 'msg']);

/** Writes values that `JSON.stringify` rejects, such as cyclic ones. Has the limits of pino. */
const safeJson = configure({ maximumDepth: 5, maximumBreadth: 100 });

/** Returns a value as JSON; undefined for values that JSON omits, such as functions. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value) as string | undefined;
  } catch {
    return safeJson(value);
  }
}

/**
 * Errors of the runtime have whole components in their fields. Their message contains the relevant part of those.
 *
 * @param above - the errors that contain this one, because errors can refer to each other in a circle
 */
function errorFields(error: Error, above: readonly unknown[] = []): object {
  const path = [...above, error];
  const fieldsOf = (value: unknown): unknown => (value instanceof Error ? errorFields(value, path) : value);
  const { errors, name: type, message, stack } = error as Error & { errors?: unknown };
  if (!AsphaltError.is(error)) {
    if (!Array.isArray(errors)) return serialized(error);
    // The serializer would follow errors that contain each other without an end.
    const alone = Object.create(error, { errors: { value: undefined } }) as Error;
    return { ...serialized(alone), aggregateErrors: outside(path, errors).map(fieldsOf) };
  }
  const causes = outside(path, causesOf(error)).filter((cause) => cause instanceof Error);
  const inner = Array.isArray(errors) ? { errors: causes.map(fieldsOf) } : causes[0] && { cause: fieldsOf(causes[0]) };
  return { type, code: error.code, message, stack: stack && withSourceFrames(stack), ...inner };
}

function serialized(error: Error): object {
  const fields = serializers.err(error);
  return { ...fields, stack: withSourceFrames(fields.stack) };
}

function outside(path: readonly unknown[], errors: readonly unknown[]): unknown[] {
  return errors.filter((error) => !path.includes(error));
}
