import type { Held } from './held.ts';

class Service {
  isOpen = true;
}

/** A registry of services by name, and a list of their stop functions. */
export async function components(count: number): Promise<Held> {
  const services = new Map<string, Service>();
  const stops: Array<() => void> = [];
  for (let index = 0; index < count; index++) {
    const service = new Service();
    services.set(`s${index}`, service);
    stops.push(() => (service.isOpen = false));
  }
  return {
    countAlive: () => (stops.length === count ? [...services.values()].filter(({ isOpen }) => isOpen).length : 0),
  };
}

/** The scope of a request: its parent, its values and its teardowns. */
class Scope {
  readonly values = new Map<string, unknown>();
  readonly teardowns: Array<() => void> = [];

  constructor(readonly parent?: Scope) {}

  get(name: string): unknown {
    return this.values.get(name) ?? this.parent?.get(name);
  }
}

export async function contexts(count: number): Promise<Held> {
  const parent = new Scope();
  parent.values.set('greeting', 'hello');
  const children = Array.from({ length: count }, () => new Scope(parent));
  return { countAlive: () => children.filter((child) => child.get('greeting') === 'hello').length };
}

/** A set of functions that are called in sequence. */
export async function subscribers(count: number): Promise<Held> {
  const functions = new Set<(amount: number) => void>();
  let received = 0;
  for (let index = 0; index < count; index++) functions.add((amount) => void (received += amount));
  return {
    countAlive() {
      for (const receive of functions) receive(1);
      return received;
    },
  };
}
