import { setTimeout as sleep } from 'node:timers/promises';
import { Component, component, defineConfig, inject, provides, task } from '@asphalt/core';
import { Detector, type PageState } from './detector.ts';
import { History } from './history.ts';

const options = defineConfig({
  url: { doc: 'Page to watch', format: 'url', required: true, env: 'PAGEWATCH_URL' },
  title: { doc: 'What the page is called; its name and host if not said', format: 'string' },
  every: { doc: 'Time between checks', format: 'duration', default: '1m' },
  timeout: { doc: 'How long the server may take to answer in full', format: 'duration', default: '15s' },
  maxSize: { doc: 'Pages larger than this are not read', format: 'bytes', default: '2MiB' },
  mailEvery: { doc: 'At most one mail about the page in this time', format: 'duration', default: '10m' },
});

/** Watches one page. Each instance is one, named in its alias: `page/news`. */
@component({ config: options, description: 'Watches a web page' })
export class DetectorComponent extends Component<typeof options> {
  @provides(Detector)
  detector(): Detector {
    const { url, title, every, timeout, maxSize, mailEvery } = this.config;
    const name = this.alias.slice(this.alias.indexOf('/') + 1);
    return new Detector({
      page: { name, url, title: title ?? `${name} (${new URL(url).host})` },
      everyMs: every,
      timeoutMs: timeout,
      maxBytes: maxSize,
      mailEveryMs: mailEvery,
    });
  }

  /** Goes on where the history ends. */
  @task()
  async poll(
    @inject(Detector) detector: Detector,
    @inject(History) history: History,
    abort: AbortSignal,
  ): Promise<void> {
    const latest = await history.latest(detector.page);
    if (latest) detector.resume(latest);
    try {
      for (;;) {
        const before = detector.state.status;
        await detector.check(abort);
        this.#report(detector, before);
        await sleep(detector.state.pauseMs, undefined, { signal: abort });
      }
    } catch (error) {
      if (!abort.aborted) throw error;
    }
  }

  /** Says when a page begins to fail and when it is back; that it still fails is for those who look closer. */
  #report({ page, state }: Detector, before: PageState['status']): void {
    const { status, reason, failures, pauseMs } = state;
    const data = { url: page.url };
    if (status === 'failing') {
      const level = before === 'failing' ? 'debug' : 'warn';
      this.logger[level](`${page.title} ${reason}`, { ...data, failures, nextTryMs: pauseMs });
    } else if (before === 'failing') {
      this.logger.info(`${page.title} can be read again`, data);
    }
  }
}
