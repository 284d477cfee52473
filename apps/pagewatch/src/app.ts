import { Component, component, inject, injectAll, on, provides, task } from '@asphalt/core';
import { Mailer, MailerComponent } from '@asphalt/mailer';
import { Database, SqlComponent } from '@asphalt/sql';
import { ThreadPool, ThreadsComponent } from '@asphalt/threads';
import { WebApp, WebComponent } from '@asphalt/web';
import { Detector } from './detector.ts';
import { DetectorComponent } from './detector-component.ts';
import { summarize } from './diff.ts';
import { History, type Change } from './history.ts';
import { LiveFeed } from './live.ts';
import { MailSender } from './mail-sender.ts';
import { Outbox } from './outbox.ts';
import { addSite } from './site.ts';
import { TextWork } from './text-work.ts';

/** Watches web pages, records their versions, shows their changes live in a browser and mails them. */
@component({
  types: { page: DetectorComponent },
  components: { sql: SqlComponent, threads: ThreadsComponent, mailer: MailerComponent, web: WebComponent },
  description: 'Watches web pages',
})
export class Pagewatch extends Component {
  @provides(TextWork)
  textWork(@inject(ThreadPool) threads: ThreadPool): TextWork {
    return new TextWork(threads);
  }

  @provides(Outbox)
  outbox(@inject(Database) db: Database): Outbox {
    return new Outbox(db);
  }

  @provides(History)
  async history(
    @inject(Database) db: Database,
    @inject(Outbox) outbox: Outbox,
    @inject(TextWork) work: TextWork,
  ): Promise<History> {
    return History.open({ context: this.context, db, outbox, work });
  }

  @provides(MailSender)
  async *mailSender(
    @inject(Outbox) outbox: Outbox,
    @inject(Mailer) mailer: Mailer,
    @inject(TextWork) work: TextWork,
    @injectAll(Detector) detectors: ReadonlyMap<string, Detector>,
  ): AsyncGenerator<MailSender> {
    const everyMs = new Map([...detectors.values()].map(({ page, settings }) => [page.name, settings.mailEveryMs]));
    const sender = new MailSender({ outbox, mailer, work, everyMs, logger: this.logger });
    yield sender;
    await sender.flush();
  }

  @provides(LiveFeed)
  async feed(
    @inject(History) history: History,
    @injectAll(Detector) detectors: ReadonlyMap<string, Detector>,
  ): Promise<LiveFeed> {
    return LiveFeed.open({ history, detectors: [...detectors.values()], logger: this.logger });
  }

  override async start(
    @inject(WebApp) app: WebApp,
    @inject(History) history: History,
    @inject(LiveFeed) feed: LiveFeed,
    @injectAll(Detector) detectors: ReadonlyMap<string, Detector>,
  ): Promise<void> {
    await addSite(app, { history, feed, detectors: [...detectors.values()] });
  }

  @task()
  async sendMails(@inject(MailSender) sender: MailSender, abort: AbortSignal): Promise<void> {
    await sender.run(abort);
  }

  @task()
  async serveClients(@inject(LiveFeed) feed: LiveFeed, abort: AbortSignal): Promise<void> {
    await feed.run(abort);
  }

  @on(History, (history) => history.recorded)
  report({ id, page, diff }: Change): void {
    this.logger.info(`${page.title} changed: ${summarize(diff)}`, { change: id });
  }
}
