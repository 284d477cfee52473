/** Reports a start to the user: a live tree, notices about a start that hangs, and a summary of the durations. */
import type { Application, LifecycleEvent, Logger } from '@asphalt/core';
import { startSummary } from '../recording/chain.ts';
import type { Shell } from '../terminal/shell.ts';
import { HangNotice } from './hang-notice.ts';
import { LiveTree, showsTree } from './live-tree.ts';
import { StartStatus } from './start-status.ts';

export class StartReport {
  readonly #application: Application;
  readonly #recording: LifecycleEvent[] = [];
  readonly #status: StartStatus;
  /** The number of events that the status contains. */
  #taken = 0;

  /** Subscribes to the events of the application until its start succeeds or fails. */
  constructor(application: Application, logger: Logger, { stdout, stderr }: Pick<Shell, 'stdout' | 'stderr'>) {
    this.#application = application;
    this.#status = new StartStatus(application.plan);
    const notice = new HangNotice(this.#statusNow, (text) => logger.warn(text));
    const tree = showsTree(stderr) ? new LiveTree(this.#statusNow, stderr, [stdout]) : undefined;
    const subscription = application.lifecycle.subscribe((event) => {
      this.#recording.push(event);
      if (event.type !== 'application' || event.state === 'starting') {
        notice.take(event);
        return;
      }
      subscription.unsubscribe();
      notice.end();
      tree?.end();
    });
  }

  /** The events of the start. */
  get recording(): readonly LifecycleEvent[] {
    return this.#recording;
  }

  /** Brings the status up to date, which only slow starts need. */
  readonly #statusNow = (): StartStatus => {
    for (; this.#taken < this.#recording.length; this.#taken++) this.#status.take(this.#recording[this.#taken]!);
    return this.#status;
  };

  /** Returns a summary such as `7 components in 412 ms (sql 310 ms → web 90 ms)`. Call it after the start. */
  summary(): string {
    return startSummary(this.#application.plan, this.#recording);
  }
}
