import type { ServiceIdentifier } from '@asphalt/core';
import { FakeMethodError } from './errors.ts';

/** The members of a resource that a test needs. A function must be complete. */
export type Fake<T> = T extends (...args: never) => unknown ? T : Partial<T>;

/**
 * Returns an object that can be published as a resource: the fake itself if it is an instance of the class, or if the
 * identifier is a token. Otherwise it has the members of the fake, and the other methods and accessors of the class throw
 * an error that names them.
 */
export function completed(id: ServiceIdentifier<unknown>, fake: object | null | undefined): unknown {
  // The runtime refuses `null` and `undefined`.
  if (typeof id !== 'function' || fake === null || fake === undefined || fake instanceof id) return fake;
  const { prototype } = id as { prototype: object };
  const complete = Object.create(prototype) as object;
  for (const name of membersOf(prototype)) defineMissing(complete, name, prototype, id.name);
  const methods = new WeakMap<object, unknown>();
  // A method of the fake runs on the fake, because the fake may have private members.
  const methodOf = (value: object): unknown => {
    const method = methods.get(value) ?? withThis(value as Callable, complete, fake);
    methods.set(value, method);
    return method;
  };
  // Reads and writes reach the fake, so its fields and its mocks stay those that the test sees.
  for (const name of membersOf(fake)) {
    Object.defineProperty(complete, name, {
      configurable: true,
      enumerable: true,
      get: (): unknown => {
        const value: unknown = Reflect.get(fake, name);
        return typeof value === 'function' ? methodOf(value) : value;
      },
      set: (value: unknown) => {
        Reflect.set(fake, name, value);
      },
    });
  }
  return complete;
}

/** Lets a method or an accessor of a class throw. */
function defineMissing(complete: object, name: PropertyKey, prototype: object, type: string): void {
  // Inspecting an object reads this accessor.
  if (name === Symbol.toStringTag) return;
  const descriptor = Object.getOwnPropertyDescriptor(ownerOf(prototype, name), name)!;
  const isMethod = typeof descriptor.value === 'function';
  if (!isMethod && 'value' in descriptor) return;
  const missing = (): never => {
    throw new FakeMethodError(type, String(name), isMethod ? 'method' : 'property');
  };
  const access = isMethod ? { value: missing } : { get: missing, set: missing };
  Object.defineProperty(complete, name, { configurable: true, ...access });
}

type Callable = (...args: unknown[]) => unknown;

/** Returns a function with all properties of another one, such as those of a mock, which replaces one `this` by another. */
function withThis(method: Callable, from: object, to: object): Callable {
  return new Proxy(method, {
    apply: (target, self: unknown, args) => Reflect.apply(target, self === from ? to : self, args),
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
