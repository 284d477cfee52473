/** A promise that the test settles, so that the test controls when code that awaits it continues. */
export class Gate<T = void> {
  readonly opened: Promise<T>;
  open!: (value: T) => void;
  fail!: (error: unknown) => void;

  constructor() {
    this.opened = new Promise<T>((resolve, reject) => {
      this.open = resolve;
      this.fail = reject;
    });
    // A gate may fail before any code awaits it.
    this.opened.catch(() => undefined);
  }
}

/** Waits for five turns of the event loop, so that all promises and immediates that can run have run. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
