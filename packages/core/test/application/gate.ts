/** A promise that the test settles: what waits for it goes on when the test says so, and not before. */
export class Gate<T = void> {
  readonly opened: Promise<T>;
  open!: (value: T) => void;
  fail!: (error: unknown) => void;

  constructor() {
    this.opened = new Promise<T>((resolve, reject) => {
      this.open = resolve;
      this.fail = reject;
    });
    // A gate may fail before anybody waits at it.
    this.opened.catch(() => undefined);
  }
}

/** Lets everything run that can run without anybody outside: promises, and what was put off to the next turn. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
