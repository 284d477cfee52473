/** Type tests of resources. The build fails if a line with `@ts-expect-error` has no error. */
import { type Context, token } from '@asphalt/core';

declare const context: Context;

class Animal {
  declare name: string;
}
class Dog extends Animal {
  bark(): void {}
}
abstract class Store {
  abstract get(key: string): string;
}
class MemoryStore extends Store {
  get(): string {
    return '';
  }
}
class Single {
  declare private readonly brand: true;
  private constructor() {}
  static readonly only = new Single();
}
const Port = token<number>('Port');

context.addResource(Animal, new Dog());
context.addResource(Store, new MemoryStore());
context.addResource([Store, MemoryStore], new MemoryStore());
context.addResource(Single, Single.only);
context.addResource(Port, 80, { dispose: (port) => port.toFixed() });
// @ts-expect-error -- an animal need not be a dog
context.addResource(Dog, new Animal());
// @ts-expect-error -- a string is not a number
context.addResource(Port, '80');
// @ts-expect-error -- the resource is the value, not a promise of it
context.addResource(Port, Promise.resolve(80));
// @ts-expect-error -- a Dog is not a Store
context.addResource([Dog, Store], new Dog());

context.addResourceFactory(Animal, () => new Dog());
context.addResourceFactory(Animal, async () => new Dog());
context.addResourceFactory(Animal, function* () {
  yield new Dog();
});
context.addResourceFactory(Animal, async function* (requesting) {
  yield await requesting.getResource(Dog);
});
// @ts-expect-error -- an animal need not be a dog
context.addResourceFactory(Dog, () => new Animal());
// @ts-expect-error -- a promised animal need not be a dog
context.addResourceFactory(Dog, async () => new Animal());
// @ts-expect-error -- a yielded animal need not be a dog
context.addResourceFactory(Dog, function* () {
  yield new Animal();
});

const dog: Dog = context.getResourceSync(Dog);
const store: Promise<Store> = context.getResource(Store);
const port: number | undefined = context.findResource(Port);
const ports: ReadonlyMap<string, number> = context.getResources(Port);
// @ts-expect-error -- the resource may be absent
const surely: number = context.findResource(Port);
void [dog, store, port, ports, surely];

// The types of cancellation.
const abort: AbortSignal = context.abort;
void abort;
context.cancel();
context.cancel(new Error('the client has left'));
// @ts-expect-error -- the signal belongs to the context
context.abort = AbortSignal.abort();
context.addResourceFactory(Animal, (requesting) => {
  const signal: AbortSignal = requesting.abort;
  void signal;
  return new Dog();
});
