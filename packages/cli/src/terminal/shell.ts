/** What commands have in common: where they write, how they tell of a failure, and how the process ends. */
import { Output } from './output.ts';

export class Shell {
  readonly stdout = new Output(process.stdout);
  readonly stderr = new Output(process.stderr, this.stdout);

  /** Carries out a command, whose exit code it gives, and ends the process. */
  async perform(action: () => Promise<number>): Promise<void> {
    await this.exit(await action().catch((error: unknown) => this.showFailure(error)));
  }

  /** Ends the process when its output is read. */
  async exit(code: number): Promise<void> {
    await Promise.all([this.stdout.flush(), this.stderr.flush()]);
    // What the application left behind, such as a timer, must not keep the process.
    process.exit(code);
  }

  /** @returns the exit code of a failure */
  readonly showFailure = async (error: unknown): Promise<number> => {
    const { failureText } = await import('./failure.ts');
    const margin = this.stderr.isTerminal ? '\n' : '';
    this.stderr.write(`${margin}${failureText(error, this.stderr.paint)}\n${margin}`);
    return 1;
  };
}
