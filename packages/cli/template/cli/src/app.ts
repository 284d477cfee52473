import { CliComponent, component, defineConfig, inject, listOf } from '@asphalt/core';
import { Terminal, TerminalComponent } from './terminal-component.ts';

const options = defineConfig({
  files: { doc: 'Files to read; standard input if there are none', format: listOf('string'), default: [] },
  min: { doc: 'Number of letters of the shortest word that counts', format: 'int', default: 1 },
});

/** The root component. The application ends with the result of `run` as its exit code. */
@component({ config: options, components: { terminal: TerminalComponent }, description: 'Counts words' })
export class App extends CliComponent<typeof options> {
  async run(@inject(Terminal) terminal: Terminal, abort: AbortSignal): Promise<number> {
    let exitCode = 0;
    const files = this.config.files.length === 0 ? [undefined] : this.config.files;
    for (const file of files) {
      abort.throwIfAborted();
      try {
        const words = (await terminal.read(file)).match(/[\p{L}\p{N}'’-]+/gu) ?? [];
        const count = words.filter((word) => word.length >= this.config.min).length;
        terminal.print(file === undefined ? `${count}` : `${count} ${file}`);
      } catch (error) {
        terminal.warn(`Cannot read ${file ?? 'standard input'}: ${(error as Error).message}`);
        exitCode = 1;
      }
    }
    return exitCode;
  }
}
