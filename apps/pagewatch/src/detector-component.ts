/**
 * The component of a watched page: its options, the task that checks the page, and the recording of its versions. It owns
 * the schedule and the retries; `detector.ts` must not depend on them.
 */
import { Component, component, defineConfig, inject, provides, task } from '@asphalt/core';
import { Detector, type PageState, type PageVersion } from './detector.ts';
import { History } from './history.ts';
import { keepTrying } from './keep-trying.ts';
import { PageClient } from './page-client.ts';
import { pause } from './pause.ts';
import { isPrivateHost } from './public-address.ts';
import { printable } from './readable-text.ts';
import { TextWork } from './text-work.ts';

const options = defineConfig(
  {
    url: { doc: 'Page to watch', format: 'url', required: true, env: 'PAGEWATCH_URL' },
    title: { doc: 'Title of the page; its name and host by default', format: 'string' },
    every: { doc: 'Interval between checks', format: 'duration', default: '1m' },
    timeout: { doc: 'Time limit for a complete response', format: 'duration', default: '15s' },
    maxSize: { doc: 'Size limit; larger pages are not read', format: 'bytes', default: '2MiB' },
    allowPrivate: {
      doc: 'Whether the page and its redirects may lead to loopback, link-local and private addresses',
      format: 'boolean',
      default: false,
    },
    mailEvery: { doc: 'At most one mail about the page in this time', format: 'duration', default: '10m' },
  },
  function* check({ url, allowPrivate, every, timeout, maxSize }) {
    const { protocol, username, password, hostname } = new URL(url);
    if (protocol !== 'http:' && protocol !== 'https:') {
      yield { option: 'url', message: 'must start with http:// or https://' };
    } else if (username !== '' || password !== '') {
      const help = 'watch a page that requires no login';
      yield { option: 'url', message: 'must not contain a user name or a password', help };
    } else if (!allowPrivate && isPrivateHost(hostname)) {
      const help = 'set `allowPrivate: true` for a page of your own network';
      yield { option: 'url', message: 'must be on the public internet', help };
    }
    if (every < 1) yield { option: 'every', message: 'must be at least 1 ms' };
    if (timeout < 1) yield { option: 'timeout', message: 'must be at least 1 ms' };
    if (maxSize < 1) yield { option: 'maxSize', message: 'must be at least 1 byte' };
  },
);

/** The longest pause between two attempts to record a version. */
const longestPauseMs = 5_000;

/** Watches one page. The alias of each instance names its page: `page/news`. */
@component({ config: options, description: 'Watches a web page' })
export class DetectorComponent extends Component<typeof options> {
  @provides(Detector)
  *detector(@inject(History) history: History, @inject(TextWork) work: TextWork): Generator<Detector> {
    const { url, title, every, timeout, maxSize, mailEvery, allowPrivate } = this.config;
    const name = this.alias.slice(this.alias.indexOf('/') + 1);
    const client = new PageClient({ allowPrivate });
    const settings = {
      client,
      work,
      page: { name, url, title: printable(title ?? `${name} (${new URL(url).host})`) },
      everyMs: every,
      timeoutMs: timeout,
      maxBytes: maxSize,
      mailEveryMs: mailEvery,
    };
    yield new Detector(settings, (version, abort) => this.#record(version, history, abort));
    client.close();
  }

  /** Continues after the last version in the history. */
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
        const startedAt = performance.now();
        await detector.check(abort);
        this.#report(detector, before);
        const { status, pauseMs: fullPauseMs } = detector.state;
        // The interval is measured between the starts of checks, so that slow servers and writes do not delay the next
        // check. After a failure, the pause starts at the end of the check.
        const spentMs = status === 'failing' ? 0 : performance.now() - startedAt;
        const pauseMs = Math.max(0, fullPauseMs - spentMs);
        await pause(pauseMs, abort);
      }
    } catch (error) {
      if (!abort.aborted) throw error;
    }
  }

  /** Records a version. Retries until it succeeds, for example while another process locks the database. */
  async #record(version: PageVersion, history: History, abort: AbortSignal | undefined): Promise<void> {
    const { title } = version.page;
    const onFailure = (error: unknown, attempts: number): void => {
      this.logger.warn(`Recording a version of ${title} failed and is retried`, { error, attempts });
    };
    await keepTrying(() => history.record(version), { abort, longestPauseMs, onFailure });
  }

  /** Logs when a page starts to fail and when it can be read again. The failures between are logged at level debug. */
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
