/** A process that leads and writes fenced data until it is killed. Its argument is a job as JSON. */
import { Component, component, inject, provides, runApplication, task, token } from '@asphalt/core';
import { exitWithParent } from '@asphalt/test-support/processes';
import pg from 'pg';
import { Messaging, type Leader } from '../../src/index.ts';
import { write } from './fenced-data.ts';

export interface LeaderJob {
  /** A module that exports the `components` of the engine. */
  readonly components: string;
  readonly config: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly leaseMs: number;
  /** The URL of the database with the fenced data. */
  readonly database: string;
  readonly isFenced: boolean;
  /** The number of this process. */
  readonly writer: number;
}

const job = JSON.parse(process.argv[2]!) as LeaderJob;
const { components } = (await import(job.components)) as { components: Record<string, typeof Component> };

const Writer = token<Leader>('Writer');

@component({ components })
class Candidate extends Component {
  @provides(Writer)
  writer(@inject(Messaging) messaging: Messaging): Leader {
    return messaging.leader('writer', { lease: job.leaseMs });
  }

  @task()
  async write(abort: AbortSignal, @inject(Writer) leader: Leader): Promise<void> {
    const client = new pg.Client({ connectionString: job.database });
    await client.connect();
    await leader.run(abort, async (term) => {
      while (!term.abort.aborted) {
        await write(client, term.token, job.writer, job.isFenced);
        // A process that is frozen during this pause writes once more when it continues.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    });
  }
}

exitWithParent();
await runApplication(Candidate, { config: { components: job.config } });
