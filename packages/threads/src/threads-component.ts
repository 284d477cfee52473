import { Component, component, defineConfig, provides } from '@asphalt/core';
import { ThreadPool } from './thread-pool.ts';

const options = defineConfig({
  min: {
    doc: 'How many threads stay when there is nothing to do, once the pool has been used',
    format: 'int',
    default: 0,
  },
  max: { doc: 'How many threads there are at most; by default one for each processor', format: 'int' },
  idle: { doc: 'How long a thread above `min` stays without work', format: 'duration', default: '30s' },
  queue: { doc: 'How many calls may wait for a thread', format: 'int', default: 1000 },
  overflow: {
    doc: 'Which call is refused when the queue is full: the one that comes or the one that waits longest',
    format: ['drop-newest', 'drop-oldest'],
    default: 'drop-newest',
  },
  grace: {
    doc: 'How long a function that got an abort signal may go on when that has fired, until its thread is ended',
    format: 'duration',
    default: '1s',
  },
  drain: {
    doc: 'How long calls may go on when the application stops, until their threads are ended',
    format: 'duration',
    default: '10s',
  },
});

/** Publishes a {@link ThreadPool}; `threads/images` makes a second one, whose resource is named "images". */
@component({ config: options, description: 'Runs functions of modules in a pool of threads' })
export class ThreadsComponent extends Component<typeof options> {
  /** The threads start when the pool is first used. Calls that run when the application stops are waited for. */
  @provides(ThreadPool)
  async *pool(): AsyncGenerator<ThreadPool> {
    const { idle, grace, drain, ...limits } = this.config;
    const pool = new ThreadPool({
      ...limits,
      name: this.alias.split('/')[1] ?? 'default',
      idleMs: idle,
      graceMs: grace,
      drainMs: drain,
      onError: (error) => this.logger.error('A thread failed outside of any call', { err: error }),
    });
    yield pool;
    await pool.close();
  }
}
