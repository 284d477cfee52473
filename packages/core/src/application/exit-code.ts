/** Decides the exit code of an application. The first decision counts; only a failure overrides it. */
import type { Logger } from '../component/logger.ts';
import type { Plan } from '../graph/plan.ts';

export class ExitCode {
  readonly #logger: Logger;
  #value: number;
  #isDecided = false;

  constructor({ components }: Plan, logger: Logger) {
    this.#logger = logger;
    // A tool that ends before its work is complete has failed.
    this.#value = components.some(({ tasks }) => tasks.some(({ endsApplication }) => endsApplication)) ? 1 : 0;
  }

  get value(): number {
    return this.#value;
  }

  /** Sets the code that a caller of `stop` requested. */
  request(code: number): void {
    this.#decide(code);
  }

  /**
   * Sets the code that a tool returned.
   *
   * @param wasAborted - whether the tool was aborted; if it then returns nothing, it has not finished its work
   */
  complete(result: unknown, wasAborted: boolean): void {
    if (!wasAborted || result !== undefined) this.#decide(result);
  }

  /** Sets the code of a failure. */
  fail(): void {
    this.#isDecided = true;
    this.#value = 1;
  }

  #decide(result: unknown): void {
    if (this.#isDecided) return;
    this.#isDecided = true;
    this.#value = this.#codeOf(result);
  }

  /** Codes above 127 look like signals to a shell. These and other invalid results become 1, with a warning. */
  #codeOf(result: unknown): number {
    if (result === undefined) return 0;
    if (typeof result === 'number' && Number.isInteger(result)) {
      if (result >= 0 && result <= 127) return result;
      this.#logger.warn(`exit code out of range: ${result}`);
    } else {
      const got = typeof result === 'number' ? result : typeof result;
      this.#logger.warn(`run() must return an integer or nothing, not ${got}`);
    }
    return 1;
  }
}
