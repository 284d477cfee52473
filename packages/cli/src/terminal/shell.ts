/** Runs commands: provides their outputs, reports failures and exits the process. */
import { Output } from './output.ts';

export class Shell {
  readonly stdout = new Output(process.stdout);
  readonly stderr = new Output(process.stderr, this.stdout);
  /** Imported once, so that failures are printed in the order of their reports. */
  #format: Promise<typeof import('./failure.ts')> | undefined;

  /** Runs a command, which returns the exit code, and exits the process. */
  async perform(action: () => Promise<number>): Promise<void> {
    process.once('beforeExit', () => void this.#prepareStall());
    await this.exit(await action().catch((error: unknown) => this.showFailure(error)));
  }

  /** Ends the process when its output is read. */
  async exit(code: number): Promise<void> {
    await Promise.all([this.stdout.flush(), this.stderr.flush()]);
    // Exits explicitly, because the application may have left active timers or handles.
    process.exit(code);
  }

  /**
   * Called when the event loop is empty before the command has ended. Loads the report of a stalled command: this takes
   * a turn, in which other listeners can still end the wait. If they do not, Node exits without a code, or with code 13 if
   * the top level of a module waits.
   */
  async #prepareStall(): Promise<void> {
    const { stallText } = await import('./stall.ts');
    process.once('exit', () => {
      if (process.exitCode !== undefined && process.exitCode !== 13) return;
      this.stderr.write(stallText(this.stderr.paint));
      process.exitCode = 1;
    });
  }

  /** Prints a failure on standard error. @returns the exit code */
  readonly showFailure = async (error: unknown): Promise<number> => {
    const { failureText } = await (this.#format ??= import('./failure.ts'));
    const margin = this.stderr.isTerminal ? '\n' : '';
    this.stderr.write(`${margin}${failureText(error, this.stderr.paint)}\n${margin}`);
    return 1;
  };
}
