import { Component, component, inject, on, provides, startApplication, token } from '@asphalt/core';
import { Messaging, RejectedDelivery, type Delivery, type Queue } from '@asphalt/messaging';
import { NatsMessagingComponent } from '@asphalt/messaging/nats';
import { RedisMessagingComponent } from '@asphalt/messaging/redis';
import { NatsComponent } from '@asphalt/nats';
import { RedisComponent } from '@asphalt/redis';
import { natsServer, redisServer, unavailable } from '@asphalt/testing/servers';
import { expect, onTestFinished, test, vi } from 'vitest';
import { appWith, asphalt, useAsphalt, type Ended } from '../asphalt-process.ts';

useAsphalt();

const Mails = token<Queue<string>>('Mails');

@component({})
class Sender extends Component {
  @provides(Mails)
  mails(@inject(Messaging) messaging: Messaging): Queue<string> {
    return messaging.queue('mails');
  }

  @on(Mails, (mails) => mails.messages, { onError: () => undefined })
  async send(_delivery: Delivery<string>): Promise<void> {
    throw new RejectedDelivery('unknown customer');
  }
}

const engines = {
  nats: { Client: NatsComponent, Engine: NatsMessagingComponent, start: natsServer },
  redis: { Client: RedisComponent, Engine: RedisMessagingComponent, start: redisServer },
};

const app = (engine: keyof typeof engines): string => `
import { Component, component } from '@asphalt/core';
import { ${engines[engine].Engine.name} as Engine } from '@asphalt/messaging/${engine}';
import { ${engines[engine].Client.name} as Client } from '@asphalt/${engine}';

class BusyComponent extends Component {
  constructor() {
    super();
    throw new Error('must not be constructed');
  }
}

@component({ components: { ${engine}: Client, messaging: Engine, busy: BusyComponent } })
export class App extends Component {}`;

const neutral = ({ code, stdout, stderr }: Ended): object => ({
  code,
  stdout: stdout.replaceAll(/\d{4}-[\d:.T-]+Z/g, '<time>').replaceAll(/[\da-f]{8}-[\da-f-]{27}/g, '<id>'),
  stderr,
});

/** The cells of a table. */
const cells = (stdout: string): string[][] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/));

/** Starts an engine with two dead letters of the queue `mails`. @returns a folder with an application that uses it */
async function appWithDeadLetters(engine: keyof typeof engines): Promise<string> {
  const { Client, Engine, start } = engines[engine];
  const server = await start();
  onTestFinished(() => server.stop());
  @component({ components: { [engine]: Client, messaging: Engine, sender: Sender } })
  class App extends Component {}
  const sender = await startApplication(App, { config: { components: { [engine]: { url: server.url } } } as never });
  onTestFinished(() => sender.stop());
  const mails = await sender.context.getResource(Mails);
  await mails.send('ada');
  await mails.send('bob');
  await vi.waitFor(async () => expect(await mails.state()).toMatchObject({ dead: 2 }), { timeout: 10_000 });
  await sender.stop();
  const yaml = `component: { type: ./app.ts:App, components: { ${engine}: { url: "${server.url}", connect: { timeout: 30s, for: 30s } } } }`;
  return appWith({ 'app.ts': app(engine), 'asphalt.yaml': yaml });
}

const printed = (code: number, ...lines: string[]): object => ({ code, stdout: `${lines.join('\n')}\n`, stderr: '' });

const twoDead = printed(1, 'queue  ready  delayed  running  dead  oldest', 'mails  0      0        0        2     -');

test.skipIf(unavailable('nats'))(
  'the commands list queues and dead letters and send these again',
  { timeout: 120_000 },
  async () => {
    const folder = await appWithDeadLetters('nats');
    const run = async (...args: readonly string[]): Promise<object> =>
      neutral(await asphalt(folder, ['queues', ...args, 'asphalt.yaml']));
    expect(await run()).toEqual(twoDead);
    const letters = await asphalt(folder, ['queues', 'dead', 'mails', 'asphalt.yaml']);
    const letter = [expect.any(String), expect.stringMatching(/Z$/), '1', '-', 'RejectedDelivery: unknown customer'];
    expect(cells(letters.stdout)).toEqual([['id', 'failed at', 'attempts', 'code', 'reason'], letter, letter]);
    const { stdout } = await asphalt(folder, ['queues', 'dead', 'mails', 'asphalt.yaml', '--format', 'json']);
    const [{ id }] = JSON.parse(stdout) as [{ readonly id: string }];
    expect(await run('retry', 'mails', '--id', id)).toEqual(printed(0, 'Sent 1 dead letter again'));
    expect(await run('retry', 'mails')).toEqual(printed(0, 'Sent 1 dead letter again'));
    expect(await run('retry', 'mails')).toEqual(printed(0, 'No dead letter was sent again'));
    const listed = await asphalt(folder, ['queues', 'asphalt.yaml', '--format', 'json']);
    expect(listed.code).toBe(0);
    expect(JSON.parse(listed.stdout)).toEqual([
      { name: 'mails', ready: 2, delayed: 0, running: 0, dead: 0, oldestMs: expect.any(Number) as number },
    ]);
    const unknown = await asphalt(folder, ['queues', 'retry', 'mail', 'asphalt.yaml']);
    expect(unknown).toMatchObject({ code: 1, stdout: '' });
    expect(unknown.stderr).toMatchInlineSnapshot(`
      "The engine stores no queue with this name
        got          "mail"
        help         did you mean "mails"?
        code         ERR_QUEUES_SELECTION
      "
    `);
  },
);

// The contract of messaging covers each engine, and the test above the output.
test.skipIf(unavailable('redis'))(
  'the commands start the clients of another engine',
  { timeout: 120_000 },
  async () => {
    const folder = await appWithDeadLetters('redis');
    expect(neutral(await asphalt(folder, ['queues', 'asphalt.yaml']))).toEqual(twoDead);
    const retried = await asphalt(folder, ['queues', 'retry', 'mails', 'asphalt.yaml']);
    expect(neutral(retried)).toEqual(printed(0, 'Sent 2 dead letters again'));
  },
);

test('a failure explains that no component has queues', async () => {
  const source = "import { Component } from '@asphalt/core';\nexport class App extends Component {}";
  const folder = appWith({ 'app.ts': source, 'asphalt.yaml': 'component: { type: ./app.ts:App }' });
  const { code, stderr } = await asphalt(folder, ['queues', 'asphalt.yaml']);
  expect(code).toBe(1);
  expect(stderr).toMatchInlineSnapshot(`
    "No component of the application has queues
      help         add a component such as MessagingComponent of @asphalt/messaging
      code         ERR_QUEUES_SELECTION
    "
  `);
});

test('check reports a schedule that cannot be used with its line', async () => {
  const source = `import { Component } from '@asphalt/core';
import { schedule } from '@asphalt/messaging';
export class App extends Component {
  @schedule('0 25 * * *')
  async clean(): Promise<void> {}
}`;
  const folder = appWith({ 'app.ts': source, 'asphalt.yaml': 'component: { type: ./app.ts:App }' });
  const { code, stderr, stdout } = await asphalt(folder, ['check', 'asphalt.yaml']);
  expect(code).toBe(1);
  expect(`${stdout}${stderr}`).toMatchInlineSnapshot(`
    "Cannot load the component type "./app.ts:App": ./app.ts failed to load: "0 25 * * *" is not a schedule
      in           the root component
      from         asphalt.yaml:1:14
      declared at  app.ts:4
      note         CronPattern: Invalid value for hour: 25
      help         write minute, hour, day, month and weekday, such as "0 3 * * *"
      code         ERR_COMPONENT_TYPE
    "
  `);
});
