/**
 * A process that handles messages or leads, and that the tests kill. Its arguments are a module that exports `components`, and
 * a job as JSON. It reports to its parent by messages, and notes effects in a file.
 */
import { appendFileSync } from 'node:fs';
import { Component, component, inject, on, provides, runApplication, task, token, type Context } from '@asphalt/core';
import type { Deliveries } from '@asphalt/core/deliveries';
import type { Delivery } from '../delivery.ts';
import type { Leader } from '../leader.ts';
import { Messaging } from '../messaging.ts';
import type { WorkerJob, WorkerReport } from './workers.ts';

const [program = '', text = ''] = process.argv.slice(2);
const { components } = (await import(program)) as { components: Record<string, typeof Component> };
const { config, effects, role, killAt, killAfter = 0, leaseMs, workMs = 0 } = JSON.parse(text) as WorkerJob;
let left = killAfter;

function killedAt(place: string): void {
  if (place === killAt && left-- === 0) process.kill(process.pid, 'SIGKILL');
}

function report(message: WorkerReport): void {
  process.send?.(message);
}

const Source = token<Deliveries<Delivery<string>>>('Source');
const Writer = token<Leader>('Writer');

@component({})
class Handler extends Component {
  @provides(Source)
  source(@inject(Messaging) messaging: Messaging): Deliveries<Delivery<string>> {
    const options = { attempts: 50, backoff: { minDelay: 10, maxDelay: 50 } };
    return role === 'topic'
      ? messaging.topic<string>('news', options).group('audit', { from: 'start' })
      : messaging.queue<string>('mails', options).messages;
  }

  @on(Source, (messages) => messages, { concurrency: 4 })
  async handle({ value }: Delivery<string>, context: Context): Promise<void> {
    context.onTeardown((error) => {
      if (error !== undefined) return;
      // The commit of the handler's transaction.
      appendFileSync(effects, `${value}\n`);
      killedAt('acknowledge');
    });
    await new Promise((resolve) => setTimeout(resolve, workMs));
    killedAt('commit');
  }
}

@component({})
class Candidate extends Component {
  @provides(Writer)
  writer(@inject(Messaging) messaging: Messaging): Leader {
    return messaging.leader('writer', { lease: leaseMs ?? 300 });
  }

  @task()
  async write(abort: AbortSignal, @inject(Writer) leader: Leader): Promise<void> {
    await leader.run(abort, async (term) => {
      while (!term.abort.aborted) {
        report({ token: term.token });
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    });
  }
}

@component({ components: { ...components, work: role === 'leader' ? Candidate : Handler } })
class App extends Component {
  override ready(): void {
    report('ready');
  }
}

process.on('disconnect', () => process.exit());
await runApplication(App, { config: { components: config } });
