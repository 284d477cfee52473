/** The object that a request opens and closes. */
export class Visit {
  static #open = 0;

  constructor(readonly method: string) {
    Visit.#open++;
  }

  /** Fails unless visits are closed: at most one per connection may be open. */
  greet(): string {
    if (Visit.#open > 10) throw new Error(`${Visit.#open} visits are open`);
    return this.method === 'GET' ? 'hello' : 'who are you?';
  }

  close(): void {
    Visit.#open--;
  }
}
