/** Layers of data that needs no parsing, such as the data that a module exports. */
import { ConfigFileError, type FilePlace } from '../errors.ts';
import type { Layer, Origin } from '../layers.ts';
import { findFault, isPlainObject, type PlainObject } from '../merge.ts';
import { formatPath, type ConfigPath } from '../path.ts';

/**
 * Returns the layer of data that a module exports.
 *
 * @param name - the file name as the user wrote it
 * @throws {@link ConfigFileError} when the data is not a mapping or contains a forbidden key
 */
export function dataLayer(name: string, file: string, data: unknown): Layer {
  checkData(name, data, () => undefined);
  const origin: Origin = { kind: 'file', text: name, file };
  return { label: name, data, locate: () => origin };
}

/** @throws {@link ConfigFileError} when the data is not a mapping, contains a forbidden key or is nested too deeply */
export function checkData(
  name: string,
  data: unknown,
  placeOf: (path: ConfigPath) => FilePlace | undefined,
): asserts data is PlainObject {
  if (data === null || data === undefined) {
    throw new ConfigFileError(name, 'it is empty', { help: 'add the configuration to it, or do not pass it' });
  }
  if (!isPlainObject(data)) {
    const what = Array.isArray(data) ? 'a list' : 'a single value';
    throw new ConfigFileError(name, `expected a mapping, got ${what}`, {
      help: 'start with a key such as `component:`',
    });
  }
  const fault = findFault(data);
  if (!fault) return;
  throw new ConfigFileError(name, `key \`${formatPath(fault.path)}\` ${fault.what}`, {
    place: placeOf(fault.path),
    help: 'rename it or leave it out',
  });
}
