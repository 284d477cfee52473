/** What the user is told of a start: a tree while it lasts, who hangs, and at its end how long it took and for whom. */
import type { Application, LifecycleEvent, Logger } from '@asphalt/core';
import type { Output } from '../terminal/output.ts';
import { startSummary } from '../recording/chain.ts';
import { HangNotice } from './hang-notice.ts';
import { LiveTree, showsTree } from './live-tree.ts';
import { StartStatus } from './start-status.ts';

export class StartReport {
  readonly #application: Application;
  readonly #recording: LifecycleEvent[] = [];

  /** Listens from now on until the start is over, whatever its end. */
  constructor(application: Application, logger: Logger, stdout: Output, stderr: Output) {
    this.#application = application;
    const status = new StartStatus(application.plan);
    const notice = new HangNotice(status, (text) => logger.warn(text));
    const tree = showsTree(stderr) ? new LiveTree(status, stderr, [stdout]) : undefined;
    const subscription = application.lifecycle.subscribe((event) => {
      this.#recording.push(event);
      if (event.type !== 'application' || event.state === 'starting') {
        status.take(event);
        notice.gotOn();
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

  /** Such as `7 components in 412 ms (sql 310 ms → web 90 ms)`; there once the application has started. */
  summary(): string {
    return startSummary(this.#application.plan, this.#recording);
  }
}
