// Fails every test during which an error of the runtime is created that leads to a secret: by properties of any kind,
// getters, or the contents of collections. Reporters and loggers print all of these. vitest loads this file before each
// test file. Every secret in tests contains the word below.

import { subscribe } from 'node:diagnostics_channel';
import { afterEach, expect } from 'vitest';

const secret = /hunter\d/;
/** Its subject creates errors about a tag that it replaces by ones without the value. It checks the final errors. */
const excepted = 'tagged-secrets.test.ts';
/** The errors since the last test. Property tests create many of the same kind, so the first ones suffice. */
const created = [];
const mostCreated = 50;
/** The errors of a test may lead to thousands of components and to whole libraries. */
const mostValues = 5_000;

subscribe('asphalt:error', (error) => {
  if (created.length < mostCreated) created.push(error);
});

afterEach(() => {
  if (expect.getState().testPath?.endsWith(excepted)) created.length = 0;
  const paths = secretsIn(created.splice(0));
  if (paths.length > 0) throw new Error(`An error leads to a secret: ${[...new Set(paths)].slice(0, 5).join(', ')}`);
});

/** Returns the paths from errors to secrets. */
function secretsIn(errors) {
  const paths = [];
  const seen = new Set();
  const waiting = errors.map((error) => [error, error.name]);
  for (let index = 0; index < waiting.length && seen.size < mostValues; index++) {
    const [value, path] = waiting[index];
    if (typeof value === 'string' && secret.test(value)) paths.push(path);
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) continue;
    seen.add(value);
    for (const [name, inner] of contentsOf(value)) waiting.push([inner, `${path}.${name}`]);
  }
  return paths;
}

function* contentsOf(value) {
  if (value instanceof Map || value instanceof Set) for (const item of value) yield ['item', item];
  for (
    let at = value;
    at !== null && at !== Object.prototype && at !== Function.prototype;
    at = Object.getPrototypeOf(at)
  ) {
    for (const key of Reflect.ownKeys(at)) {
      yield [String(key), key];
      try {
        yield [String(key), Reflect.get(value, key)];
      } catch {
        // A getter that cannot be read reveals nothing.
      }
    }
  }
}
