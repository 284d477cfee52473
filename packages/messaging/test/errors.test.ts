import { Component, component } from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';
import { expect, onTestFinished, test, vi } from 'vitest';
import { loadBullmq } from '../src/bullmq/load.ts';
import {
  MessageSchemaError,
  type Messaging,
  MessagingUnsupportedError,
  schedule,
  type QueueOptions,
} from '../src/index.ts';
import { startReplica } from '../src/testing/replica.ts';
import { memoryBroker } from './memory-broker.ts';

function messageOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return (error as Error).message.replace(/\S*errors\.test\.ts:\d+/, 'errors.test.ts:<line>');
  }
  return 'no error';
}

const messaging = async (): Promise<Messaging> => (await startReplica(await memoryBroker())).messaging;

test('a schedule whose expression cannot be used fails where its class is declared', () => {
  const declare = (): unknown => {
    class Cleaner extends Component {
      @schedule('0 25 * * *')
      async clean(): Promise<void> {}
    }
    return Cleaner;
  };
  expect(messageOf(declare)).toMatchInlineSnapshot(`
    ""0 25 * * *" is not a schedule
      declared at  errors.test.ts:<line>
      note         CronPattern: Invalid value for hour: 25
      help         write minute, hour, day, month and weekday, such as "0 3 * * *"
      code         ERR_SCHEDULE"
  `);
});

test('a schedule whose time zone does not exist fails where its class is declared', () => {
  expect(messageOf(() => schedule('0 3 * * *', { zone: 'Europe/Berln' }))).toMatchInlineSnapshot(`
    "The time zone "Europe/Berln" of a schedule does not exist
      declared at  errors.test.ts:<line>
      help         use a name such as Europe/Berlin
      code         ERR_SCHEDULE"
  `);
});

test('a schedule that never runs is refused', () => {
  expect(messageOf(() => schedule('0 0 30 2 *'))).toMatchInlineSnapshot(`
    ""0 0 30 2 *" is not a schedule
      declared at  errors.test.ts:<line>
      note         no such time exists
      help         write minute, hour, day, month and weekday, such as "0 3 * * *"
      code         ERR_SCHEDULE"
  `);
  expect(messageOf(() => schedule('2026-01-01T00:00:00'))).toMatchInlineSnapshot(`
    ""2026-01-01T00:00:00" is not a schedule
      declared at  errors.test.ts:<line>
      note         a date is not a schedule
      help         write minute, hour, day, month and weekday, such as "0 3 * * *"
      code         ERR_SCHEDULE"
  `);
});

test('a name that some engine cannot store is refused', async () => {
  const engine = await messaging();
  expect(messageOf(() => engine.queue('mails.eu'))).toMatchInlineSnapshot(`
    "\`name\` of queue "mails.eu" must be one that every engine can store
      help         use up to 64 letters, digits, \`-\` and \`_\`
      code         ERR_MESSAGING_OPTION"
  `);
});

test('options that no queue can have are refused', async () => {
  const engine = await messaging();
  expect(messageOf(() => engine.queue('mails', { attempts: 0 }))).toMatchInlineSnapshot(`
    "\`attempts\` of queue "mails" must be a whole number from 1 up
      code         ERR_MESSAGING_OPTION"
  `);
  const backoff = { minDelay: 'soon' } as unknown as NonNullable<QueueOptions<string>['backoff']>;
  expect(messageOf(() => engine.queue('mails', { backoff }))).toMatchInlineSnapshot(`
    "\`backoff.minDelay\` of queue "mails" must be a duration such as 500, "10s" or "5m"
      code         ERR_MESSAGING_OPTION"
  `);
});

test('a message cannot have a delay without a meaning', async () => {
  const queue = (await messaging()).queue<string>('mails');
  await expect(queue.send('ada', { delay: -1 })).rejects.toThrow('`delay` of queue "mails" must be a duration');
});

test('a queue that is declared twice is the same object, with other options an error', async () => {
  const engine = await messaging();
  expect(engine.queue('mails', { attempts: 2 })).toBe(engine.queue('mails', { attempts: 2 }));
  expect(messageOf(() => engine.queue('mails', { attempts: 3 }))).toMatchInlineSnapshot(`
    "\`name\` of queue "mails" is used twice with different options
      help         publish it once, and inject the resource
      code         ERR_MESSAGING_OPTION"
  `);
});

test('an engine without a feature is named', () => {
  expect(new MessagingUnsupportedError('postgres', 'topics', 'news').message).toMatchInlineSnapshot(`
    "The postgres engine does not support topics
      in           "news"
      help         use another engine, such as that of @asphalt/messaging/nats
      code         ERR_MESSAGING_UNSUPPORTED"
  `);
});

test('`missed: "once"` fails the start of an application whose engine remembers no run', async () => {
  class Cleaner extends Component {
    @schedule('0 3 * * *', { missed: 'once' })
    async clean(): Promise<void> {}
  }
  const broker = await memoryBroker();
  const started = startReplica(broker, { handler: Cleaner });
  await expect(started).rejects.toMatchObject({ cause: { code: 'ERR_MESSAGING_UNSUPPORTED' } });
});

test('the reason of a payload that does not fit its schema lists three problems', () => {
  const issues = ['to: must be text', 'at: must be a date', 'copies: must be a number', 'size: must be a number'];
  expect(new MessageSchemaError('mails', issues).message).toMatchInlineSnapshot(`
    "A message of "mails" does not fit its schema
      note         to: must be text
                   at: must be a date
                   copies: must be a number
      help         correct the sender, or the schema
      code         ERR_MESSAGE_SCHEMA"
  `);
});

test('a schedule without messaging is reported with the place of the decorator', async () => {
  @component({})
  class Cleaner extends Component {
    @schedule('0 3 * * *')
    async clean(): Promise<void> {}
  }
  const { problems } = await planApplication(Cleaner);
  const [problem] = problems;
  expect(
    messageOf(() => {
      throw problem!;
    }),
  ).toMatchInlineSnapshot(`
    "No component provides \`Schedules\`
      required by  the root component (Cleaner), \`clean\`
      declared at  errors.test.ts:<line>
      help         add MessagingComponent of @asphalt/messaging, or the component of another engine to \`components\`
                   or make the need optional: @inject(Schedules, { optional: true })
      code         ERR_PROVIDER_MISSING"
  `);
});

test('an engine whose library is missing names the command that installs it', async () => {
  vi.doMock('bullmq', () => {
    throw new Error("Cannot find package 'bullmq'");
  });
  onTestFinished(() => vi.doUnmock('bullmq'));
  const error: unknown = await loadBullmq().catch((failure: unknown) => failure);
  expect((error as Error).message.replace(/got .*/, 'got <reason>')).toMatchInlineSnapshot(`
    "The library "bullmq" of the engine cannot be loaded
      got <reason>
      help         npm install bullmq
      code         ERR_MESSAGING_DRIVER"
  `);
});
