import { expect, test } from 'vitest';
import { throttleTime } from 'rxjs';
import { component, Component, defineConfig, inject, on, provides, Signal, startApplication, task } from '@asphalt/core';

abstract class Mailer { abstract send(text: string): Promise<void>; }
class Memory extends Mailer { sent: string[] = []; async send(text: string): Promise<void> { this.sent.push(text); } }
class Detector { readonly changed = new Signal<{ url: string }>(); constructor(readonly url: string) {} }
class Tx { log: string[] = []; }
const log: string[] = [];

const options = defineConfig({ url: { doc: 'x', format: 'url', required: true } });

@component({ config: options })
class DetectorComponent extends Component<typeof options> {
  @provides(Detector) detector(): Detector { return new Detector(this.config.url); }
  @task() async poll(@inject(Detector) detector: Detector, abort: AbortSignal): Promise<void> {
    detector.changed.dispatch({ url: 'one' });
    await new Promise((resolve) => abort.addEventListener('abort', resolve));
    detector.changed.dispatch({ url: 'last' });
  }
}
@component()
class MailerComponent extends Component {
  @provides(Mailer) async mailer(): Promise<Memory> { return new Memory(); }
  @provides(Tx, { scope: 'context' }) async *tx(): AsyncGenerator<Tx> {
    const tx = new Tx();
    const error = yield tx;
    log.push(`tx ${String(error)} ${tx.log.join()}`);
  }
}
@component({ components: { detector: DetectorComponent, mailer: MailerComponent } })
class App extends Component {
  @inject(Mailer) readonly mailer!: Mailer;
  @on(Detector, (d) => d.changed.pipe(throttleTime(0)))
  async notify(event: { url: string }, @inject(Tx) tx: Tx): Promise<void> {
    await this.mailer.send(event.url);
    tx.log.push(event.url);
  }
  override async *ready(): AsyncGenerator<void> { log.push('ready'); yield; log.push('unready'); }
}

test('the application of the design runs', async () => {
  const app = await startApplication(App, { config: { components: { detector: { url: 'http://a' } } } });
  const mailer = (await app.context.getResource(Mailer)) as Memory;
  await app.stop();
  expect(mailer.sent).toEqual(['one', 'last']);
  expect(log).toEqual([]);
});

test('fails', async () => {
  await startApplication(App).catch((e) => console.log(String(e)));
  class Other {}
  @component() class B extends Component { @inject(Mailer) mailer!: Mailer; @inject(Other) other!: Other; @provides(Mailer) m(@inject(Mailer) m: Mailer): Mailer { return m; } }
  @component({ components: {b: B} }) class A extends Component { override async prepare() {} constructor(@inject(Tx) readonly tx: Tx) { super(); } }
  await startApplication(A).catch((e) => console.log(String(e)));
});
