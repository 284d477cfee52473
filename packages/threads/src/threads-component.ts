import { Component, component, defineConfig, provides } from '@asphalt/core';
import { ThreadPool } from './thread-pool.ts';

const options = defineConfig(
  {
    min: {
      doc: 'Number of threads that an idle pool keeps after its first use',
      format: 'int',
      default: 0,
    },
    max: { doc: 'Maximum number of threads; by default one per processor', format: 'int' },
    idle: { doc: 'Time after which an idle thread above `min` is terminated', format: 'duration', default: '30s' },
    queue: { doc: 'Maximum number of calls that wait for a thread', format: 'int', default: 1000 },
    overflow: {
      doc: 'Call that is refused when the queue is full: the new one or the one that has waited longest',
      format: ['drop-newest', 'drop-oldest'],
      default: 'drop-newest',
    },
    grace: {
      doc: 'Time limit for a function after its abort signal fires or the reader leaves its stream; its thread is then terminated',
      format: 'duration',
      default: '1s',
    },
    drain: {
      doc: 'Time limit for running calls at shutdown; their threads are then terminated',
      format: 'duration',
      default: '10s',
    },
  },
  function* check({ min, max, queue }) {
    const least = Math.max(min, 1);
    if (min < 0) yield { option: 'min', message: 'must be at least 0' };
    if (max !== undefined && max < least) {
      const help = least > 1 ? 'raise it, or lower `min`' : undefined;
      yield { option: 'max', message: `must be at least ${least}`, help };
    }
    if (queue < 0) yield { option: 'queue', message: 'must be at least 0' };
  },
);

/** Publishes a {@link ThreadPool}. The alias `threads/images` adds a second pool, whose resource is named "images". */
@component({ config: options, description: 'Runs functions of modules in a pool of threads' })
export class ThreadsComponent extends Component<typeof options> {
  /** Publishes the pool. Its threads start with the first `module()`. When the application stops, the pool drains its calls. */
  @provides(ThreadPool)
  async *pool(): AsyncGenerator<ThreadPool> {
    const { idle, grace, drain, ...limits } = this.config;
    const pool = new ThreadPool({
      ...limits,
      name: this.alias.split('/')[1] ?? 'default',
      idleMs: idle,
      graceMs: grace,
      drainMs: drain,
      onError: (error) => this.logger.error('An error in a thread belongs to no call', { err: error }),
    });
    yield pool;
    await pool.close();
  }
}
