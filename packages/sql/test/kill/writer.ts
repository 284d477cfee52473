/**
 * Writes pairs without end, as a process of its own, and prints the number of each that is committed.
 *
 * Argument: URL of the server.
 */
import { Component, component, runApplication, task } from '@asphalt/core';
import { SqlComponent } from '@asphalt/sql';
import { writePair } from './pairs.ts';

const [url = ''] = process.argv.slice(2);
let next = 0;

@component({ components: { sql: SqlComponent } })
class Writer extends Component {
  @task()
  async write(abort: AbortSignal): Promise<void> {
    const writeOn = async (): Promise<void> => {
      while (!abort.aborted) {
        const number = next++;
        await writePair(this.context, number);
        process.stdout.write(`${number}\n`);
      }
    };
    await Promise.all(Array.from({ length: 20 }, writeOn));
  }
}

await runApplication(Writer, { config: { components: { sql: { url } } } });
