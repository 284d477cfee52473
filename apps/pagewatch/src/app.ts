import { Component, component, inject, injectAll, onAll, provides } from '@asphalt/core';
import { Mailer, MailerComponent } from '@asphalt/mailer';
import { Database, SqlComponent, Transaction } from '@asphalt/sql';
import { WebApp, WebComponent } from '@asphalt/web';
import { changeMail } from './change-mail.ts';
import { Detector, type PageChanged, type PageVersion } from './detector.ts';
import { DetectorComponent } from './detector-component.ts';
import { summarize } from './diff.ts';
import { History } from './history.ts';
import { addSite } from './site.ts';
import { throttleChanges } from './throttle-changes.ts';

/** Watches web pages, keeps what they said, shows their changes live in a browser and mails them. */
@component({
  types: { page: DetectorComponent },
  components: { sql: SqlComponent, mailer: MailerComponent, web: WebComponent },
  description: 'Watches web pages',
})
export class Pagewatch extends Component {
  @inject(Mailer) readonly mailer!: Mailer;

  @provides(History)
  async history(@inject(Database) db: Database): Promise<History> {
    return History.open(db);
  }

  override async start(
    @inject(WebApp) app: WebApp,
    @inject(History) history: History,
    @injectAll(Detector) detectors: ReadonlyMap<string, Detector>,
  ): Promise<void> {
    await addSite(app, { history, detectors: [...detectors.values()] });
  }

  /** Keeps every version of every page. */
  @onAll(Detector, (detector) => detector.found)
  async record(version: PageVersion, @inject(History) history: History): Promise<void> {
    // The transaction is that of a context inside this event's, so that it is committed when the change is announced.
    const change = await this.context.run(async (context) =>
      history.record(version, await context.getResource(Transaction)),
    );
    if (change === undefined) return;
    this.logger.info(`${change.page.title} changed: ${summarize(change.diff)}`, { change: change.id });
    history.recorded.dispatch(change);
  }

  @onAll(Detector, (detector) => detector.changed.pipe(throttleChanges(detector.settings.mailEveryMs)))
  async notify(change: PageChanged): Promise<void> {
    await this.mailer.send(await changeMail(change));
  }
}
