/** Measures the memory of objects that exist in large numbers. */
import { implementationOf, type Implementations, type Workload } from '../harness/workload.ts';

/** The measured objects, all of them alive. */
interface Held {
  /** Keeps the objects reachable, and counts how many of them work. */
  countAlive(): number;
}

/** Creates `count` objects of each kind. */
interface Kinds {
  components(count: number): Promise<Held>;
  contexts(count: number): Promise<Held>;
  subscribers(count: number): Promise<Held>;
}

class Service {
  isOpen = true;
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

const byHand: Kinds = {
  /** Creates a registry of services by name, and a list of their stop functions. */
  async components(count: number): Promise<Held> {
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
  },

  async contexts(count: number): Promise<Held> {
    const parent = new Scope();
    parent.values.set('greeting', 'hello');
    const children = Array.from({ length: count }, () => new Scope(parent));
    return { countAlive: () => children.filter((child) => child.get('greeting') === 'hello').length };
  },

  /** Creates a set of functions that are called in sequence. */
  async subscribers(count: number): Promise<Held> {
    const functions = new Set<(amount: number) => void>();
    let received = 0;
    for (let index = 0; index < count; index++) functions.add((amount) => void (received += amount));
    return {
      countAlive() {
        for (const receive of functions) receive(1);
        return received;
      },
    };
  },
};

async function loadAsphalt(): Promise<Kinds> {
  const { Component, component, Context, provides, Signal, startApplication, token } = await import('@asphalt/core');

  @component()
  class ServiceComponent extends Component {
    @provides(Service, { dispose: (service) => (service.isOpen = false) })
    service(): Service {
      return new Service();
    }
  }

  return {
    async components(count: number): Promise<Held> {
      const names = Array.from({ length: count }, (_, index) => `service/s${index}`);

      @component({ components: Object.fromEntries(names.map((name) => [name, ServiceComponent])) })
      class App extends Component {}

      const { context } = await startApplication(App);
      return { countAlive: () => [...context.getResources(Service).values()].filter(({ isOpen }) => isOpen).length };
    },

    async contexts(count: number): Promise<Held> {
      const greeting = token<string>('greeting');
      const parent = new Context('application');
      parent.addResource(greeting, 'hello');
      const children = Array.from({ length: count }, () => parent.child('request'));
      return { countAlive: () => children.filter((child) => child.getResourceSync(greeting) === 'hello').length };
    },

    async subscribers(count: number): Promise<Held> {
      const signal = new Signal<number>();
      let received = 0;
      for (let index = 0; index < count; index++) signal.subscribe((amount) => void (received += amount));
      return {
        countAlive() {
          signal.dispatch(1);
          return received;
        },
      };
    },
  };
}

const implementations: Implementations<() => Promise<Kinds>> = { asphalt: loadAsphalt, hand: async () => byHand };

const what = {
  component: 'A started component with one resource, which has a teardown',
  context: 'An open, empty child context',
  subscriber: 'A function that subscribes to a signal',
};

export function memory(kind: keyof typeof what): Workload {
  return {
    name: `memory-${kind}`,
    measures: `${what[kind]}: the growth of the heap for each of 10,000.`,
    unit: 'bytes',
    yardstick: 'hand',
    target: kind === 'context' ? '≤ 300 bytes' : 'stated',
    subjects: [{ name: 'asphalt', package: '@asphalt/core' }, { name: 'hand' }],
    nodeOptions: ['--expose-gc'],
    async sample(subject, effort) {
      const count = effort === 'smoke' ? 5000 : 10_000;
      const kinds = await implementationOf(implementations, subject)();
      const hold = kinds[`${kind}s`];
      // The first objects load the code that all of them share.
      (await hold(100)).countAlive();
      const before = heapAfterCollection();
      const held = await hold(count);
      const after = heapAfterCollection();
      const alive = held.countAlive();
      if (alive !== count) throw new Error(`${alive} of ${count} are alive`);
      return { value: (after - before) / count };
    },
  };
}

function heapAfterCollection(): number {
  if (!globalThis.gc) throw new Error('Node hides its garbage collector; start it with --expose-gc');
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
