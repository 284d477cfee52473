/** A promise that the test settles, so that the test controls when code that awaits it continues. */
export class Deferred<T = void> {
  readonly promise: Promise<T>;
  readonly resolve!: (value: T | PromiseLike<T>) => void;
  readonly reject!: (error: unknown) => void;

  constructor() {
    this.promise = new Promise<T>((resolve, reject) => Object.assign(this, { resolve, reject }));
    // It may be rejected before any code awaits it.
    this.promise.catch(() => undefined);
  }
}
