// Fails every test during which an error of the runtime is created that leads to a secret: by properties of any kind,
// getters, or the contents of collections. Reporters and loggers print all of these. vitest loads this file before each
// test file. Every secret in tests contains the word below.

import { afterEach, expect } from 'vitest';

const secret = /hunter\d/;
/** Its subject creates errors about a tag that it replaces by ones without the value. It checks the final errors. */
const excepted = 'tagged-secrets.test.ts';
/** The property that marks errors of the runtime. */
const brand = Symbol.for('@asphalt/core/error');
/** The errors since the last test. Property tests create many of the same kind, so the first ones suffice. */
const created = [];
const mostCreated = 50;
/** An error may lead to classes of a test and to whole libraries. */
const mostValues = 20_000;

const { defineProperties } = Object;
Object.defineProperties = (target, properties) => {
  if (brand in properties && created.length < mostCreated) created.push(target);
  return defineProperties(target, properties);
};

afterEach(() => {
  if (expect.getState().testPath?.endsWith(excepted)) created.length = 0;
  const paths = created.splice(0).flatMap((error) => secretsIn(error).map((path) => `${error.name}${path}`));
  if (paths.length > 0) throw new Error(`An error leads to a secret: ${[...new Set(paths)].slice(0, 5).join(', ')}`);
});

/** Returns the paths from a value to the secrets. */
function secretsIn(root) {
  const paths = [];
  const seen = new Set();
  const waiting = [[root, '']];
  for (let next = waiting.shift(); next && seen.size < mostValues; next = waiting.shift()) {
    const [value, path] = next;
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
