/** Work that is done once. A call after a failed attempt tries again. */
export class Once {
  readonly #work: () => Promise<unknown>;
  #done: Promise<unknown> | undefined;

  constructor(work: () => Promise<unknown>) {
    this.#work = work;
  }

  /** Does the work, unless it was done before. */
  async done(): Promise<void> {
    this.#done ??= this.#work();
    try {
      await this.#done;
    } catch (error) {
      this.#done = undefined;
      throw error;
    }
  }

  /** Causes the next call to do the work again. */
  readonly forget = (): void => {
    this.#done = undefined;
  };
}
