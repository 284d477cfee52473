import { providedBy, type Logger } from '@asphalt/core';
import { Deliveries, type Consumer, type Consumption } from '@asphalt/core/deliveries';
import type { Delivery } from '../delivery.ts';
import type { EngineQueue } from '../engine/engine-queue.ts';
import { MessagingUnsupportedError } from '../errors.ts';
import type { Messaging } from '../messaging.ts';
import { ScheduleTimer } from './schedule-timer.ts';
import type { Timetable } from './timetable.ts';

/** How the runs of a timetable behave, as in the options of `@schedule`. */
export interface RunOptions {
  readonly overlap: 'skip' | 'queue';
  readonly missed: 'skip' | 'once';
  readonly attempts: number;
}

/** The schedules of an application, for `@schedule`. Each one has a queue, in which the engine keeps one message per run. */
export class Schedules {
  readonly #messaging: Messaging;
  readonly #logger: Logger;

  constructor(messaging: Messaging, logger: Logger) {
    this.#messaging = messaging;
    this.#logger = logger;
  }

  /** Returns the runs of a timetable. The name of their queue is that of the handler. */
  runs(timetable: Timetable, options: RunOptions): Deliveries<Date> {
    return new ScheduledRuns(this.#messaging, timetable, options, this.#logger);
  }
}

providedBy('MessagingComponent of @asphalt/messaging, or the component of another engine')(Schedules);

class ScheduledRuns extends Deliveries<Date> {
  readonly #messaging: Messaging;
  readonly #timetable: Timetable;
  readonly #options: RunOptions;
  readonly #logger: Logger;

  constructor(messaging: Messaging, timetable: Timetable, options: RunOptions, logger: Logger) {
    super();
    this.#messaging = messaging;
    this.#timetable = timetable;
    this.#options = options;
    this.#logger = logger;
  }

  protected override start(consumer: Consumer<Date>): Consumption {
    const { missed, attempts } = this.#options;
    const { name } = consumer;
    const queue = this.#messaging.exclusiveQueue<string>(queueOf(name), { attempts }, true);
    if (missed === 'once' && !queue.store.lastKey) {
      const feature = "schedules with `missed: 'once'`";
      const help = 'remove `missed`, or use an engine that remembers the last run, such as that of NATS or PostgreSQL';
      throw new MessagingUnsupportedError(this.#messaging.engine, feature, name, help);
    }
    const consumption = queue.messages.consume({
      name,
      concurrency: consumer.concurrency,
      handle: ({ value }) => consumer.handle(new Date(value)),
      failed: (error, { value }: Delivery<string>) => consumer.failed(error, new Date(value)),
    });
    const timer = new ScheduleTimer(this.#timetable, (planned, isLate) => this.#plan(queue, name, planned, isLate), {
      catchUp: missed === 'once',
      failed: (error) => this.#logger.warn(`A run of ${name} cannot be planned`, { error }),
    });
    return {
      stop: async () => {
        await timer.stop();
        await consumption.stop();
      },
    };
  }

  /** Sends the message of a run. The engine drops those of the other replicas, because their key is the same. */
  async #plan(queue: EngineQueue<string>, name: string, planned: Date, isMissed: boolean): Promise<void> {
    const key = `${name}@${planned.toISOString()}`;
    if (isMissed) {
      const last = await queue.store.lastKey!();
      // A new schedule has missed nothing.
      if (last === undefined || last >= key) return;
    } else if (this.#options.overlap === 'skip') {
      const { ready, delayed, running } = await queue.state();
      if (ready + delayed + running > 0) return;
    }
    await queue.send(planned.toISOString(), { key });
  }
}

/** The name of the queue of a handler whose name is `component.member`. */
function queueOf(handler: string): string {
  return `schedule-${handler.replaceAll('.', '-').replaceAll('/', '_')}`.slice(0, 64);
}
