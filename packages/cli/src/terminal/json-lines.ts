/** Writes log lines for machines: one JSON object per line, with pino. */
import { pino } from 'pino';
import { AsphaltError } from '@asphalt/core';
import type { LineWriter } from './logger.ts';
import type { Output } from './output.ts';
import { withSourceFrames } from './bundle-frames.ts';
import { causesOf } from './stack-text.ts';
import type { Kind } from './waiting-lines.ts';

export function jsonLines(output: Pick<Output, 'write'>): LineWriter {
  let kind: Kind = 'line';
  const log = pino(
    {
      level: 'debug',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }), log: withoutClashes },
      // Errors are converted below, under any key.
      serializers: { err: (value: unknown) => value },
    },
    { write: (text) => output.write(text, kind) },
  );
  return ({ level, path, message, data = {} }) => {
    kind = level === 'error' ? 'error' : 'line';
    const fields = data instanceof Error ? { err: data } : data;
    log[level](path === '' ? fields : { ...fields, [pathKey]: path }, message);
  };
}

const pathKey = Symbol('path');

/** Renames keys that the line itself has: JSON readers keep only the last of two equal keys. */
function withoutClashes(fields: Record<PropertyKey, unknown>): Record<string, unknown> {
  const renamed = Object.entries(fields).map(([key, value]) => [
    reserved.has(key) ? `${key}_` : key,
    value instanceof Error ? errorFields(value) : value,
  ]);
  const component = fields[pathKey];
  return Object.fromEntries(component === undefined ? renamed : [['component', component], ...renamed]) as Record<
    string,
    unknown
  >;
}

const reserved = new Set(['level', 'time', 'component', 'msg']);

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
    // pino would follow errors that contain each other without an end.
    const alone = Object.create(error, { errors: { value: undefined } }) as Error;
    return { ...serialized(alone), aggregateErrors: outside(path, errors).map(fieldsOf) };
  }
  const causes = outside(path, causesOf(error)).filter((cause) => cause instanceof Error);
  const inner = Array.isArray(errors) ? { errors: causes.map(fieldsOf) } : causes[0] && { cause: fieldsOf(causes[0]) };
  return { type, code: error.code, message, stack: stack && withSourceFrames(stack), ...inner };
}

function serialized(error: Error): object {
  const fields = pino.stdSerializers.err(error);
  return { ...fields, stack: withSourceFrames(fields.stack) };
}

function outside(path: readonly unknown[], errors: readonly unknown[]): unknown[] {
  return errors.filter((error) => !path.includes(error));
}
