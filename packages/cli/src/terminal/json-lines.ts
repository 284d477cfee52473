/** Writes log lines for machines: one JSON object per line, with pino. */
import { pino } from 'pino';
import { AsphaltError } from '@asphalt/core';
import type { LineWriter } from './logger.ts';
import type { Output } from './output.ts';
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

/** Errors of the runtime have whole components in their fields. Their message contains the relevant part of those. */
function errorFields(error: Error): object {
  if (!AsphaltError.is(error)) return pino.stdSerializers.err(error);
  const { name: type, code, message, stack, cause } = error;
  return { type, code, message, stack, ...(cause instanceof Error ? { cause: errorFields(cause) } : {}) };
}
