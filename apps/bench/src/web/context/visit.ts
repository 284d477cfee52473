/** What a request opens and closes. */
export class Visit {
  static open = 0;

  constructor(readonly path: string) {
    Visit.open++;
  }

  /** Fails when those before were not closed; there are at most as many as connections. */
  greet(connections = 10): string {
    if (Visit.open > connections) throw new Error(`${Visit.open} visits are open`);
    return this.path === '/' ? 'hello' : 'where are you?';
  }

  close(): void {
    Visit.open--;
  }
}
