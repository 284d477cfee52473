/**
 * The smallest runtime for the program of Asphalt: decorators that record their arguments, and a loop that calls
 * everything in source order. It checks nothing, waits for nothing and handles no failure. Its time is the share of the
 * program itself.
 */
type Class = new () => Record<PropertyKey, (...needs: unknown[]) => object>;
type Dispose = (service: object) => void;

interface Provider {
  readonly type: Class;
  readonly member: PropertyKey;
  readonly id: object;
  readonly dispose: Dispose;
  readonly needs: readonly object[];
}

const providers: Provider[] = [];
let needs: object[] = [];

export class Component {}

export function component(): () => void {
  return () => undefined;
}

export function inject(id: object) {
  return (_: object, __: PropertyKey, index: number): void => {
    needs[index] = id;
  };
}

export function provides(id: object, { dispose }: { readonly dispose: Dispose }) {
  return (prototype: object, member: PropertyKey): void => {
    providers.push({ type: prototype.constructor as Class, member, id, dispose, needs });
    needs = [];
  };
}

export function planApplication(): void {}

export class Application {
  readonly #services = new Map<object, object>();

  start(): void {
    for (const { type, member, id, needs: wanted } of providers) {
      const service = new type()[member]!(...wanted.map((need) => this.#services.get(need)));
      this.#services.set(id, service);
    }
  }

  stop(): void {
    for (const { id, dispose } of providers.toReversed()) dispose(this.#services.get(id)!);
  }
}
