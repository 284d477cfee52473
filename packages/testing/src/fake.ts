import type { ServiceIdentifier } from '@asphalt/core';
import { FakeMethodError } from './errors.ts';

/** The members of a resource that a test needs. A function must be complete. */
export type Fake<T> = T extends (...args: never) => unknown ? T : Partial<T>;

/**
 * Returns an object that can be published as a resource: the fake itself if it is an instance of the class, or if the
 * identifier is a token. Otherwise it has the members of the fake, and its other methods throw an error that names them.
 */
export function completed(id: ServiceIdentifier<unknown>, fake: object): object {
  if (typeof id !== 'function' || fake instanceof id) return fake;
  const { prototype } = id as { prototype: object };
  const complete = Object.create(prototype) as object;
  for (const name of methodsOf(prototype)) {
    Object.defineProperty(complete, name, {
      configurable: true,
      value: () => {
        throw new FakeMethodError(id.name, String(name));
      },
    });
  }
  // Reads and writes reach the fake, so its fields and its mocks stay those that the test sees.
  for (const name of membersOf(fake)) {
    Object.defineProperty(complete, name, {
      configurable: true,
      enumerable: true,
      get: () => Reflect.get(fake, name) as unknown,
      set: (value: unknown) => {
        Reflect.set(fake, name, value);
      },
    });
  }
  return complete;
}

function methodsOf(prototype: object): PropertyKey[] {
  return membersOf(prototype).filter((name) => {
    const descriptor = Object.getOwnPropertyDescriptor(ownerOf(prototype, name), name);
    return typeof descriptor?.value === 'function';
  });
}

/** Returns the names of all members except those of `Object`. */
function membersOf(value: object): PropertyKey[] {
  return prototypesOf(value).flatMap((each) => Reflect.ownKeys(each).filter((name) => name !== 'constructor'));
}

function ownerOf(value: object, name: PropertyKey): object {
  return prototypesOf(value).find((each) => Object.hasOwn(each, name))!;
}

/** Returns an object and its prototypes, without that of all objects. */
function prototypesOf(value: object): object[] {
  const chain: object[] = [];
  for (let at: object | null = value; at && at !== Object.prototype; at = Object.getPrototypeOf(at) as object | null)
    chain.push(at);
  return chain;
}
