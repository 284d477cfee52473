/**
 * Sends and handles 1,000,000 messages of a queue in memory, or on a private NATS server, and fails if the heap grows between the
 * first tenth and the end: `node --expose-gc apps/bench/dist/programs/queue-memory.js memory|nats [messages]`.
 */
import { Component, component, inject, on, provides, startApplication, token } from '@asphalt/core';
import { Messaging, MessagingComponent, type Queue } from '@asphalt/messaging';
import { NatsMessagingComponent } from '@asphalt/messaging/nats';
import { NatsComponent } from '@asphalt/nats';
import { natsServer } from '@asphalt/testing/servers';

const [engine = '', text = '1000000'] = process.argv.slice(2);
const messages = Number(text);
if (!['memory', 'nats'].includes(engine) || !(messages >= 10)) {
  throw new Error('usage: queue-memory.js memory|nats [messages]');
}
const limitMb = 10;
const concurrency = 64;
/** Number of messages that are unhandled at most. */
const backlog = 1000;

const Numbers = token<Queue<number>>('Numbers');
let handled = 0;
let wake = (): void => undefined;

@component({})
class Handler extends Component {
  @provides(Numbers)
  numbers(@inject(Messaging) messaging: Messaging): Queue<number> {
    return messaging.queue('numbers');
  }

  @on(Numbers, (numbers) => numbers.messages, { concurrency })
  async handle(): Promise<void> {
    handled++;
    wake();
  }
}

function heapMb(): number {
  if (!globalThis.gc) throw new Error('run this program with node --expose-gc');
  for (let round = 0; round < 3; round++) globalThis.gc();
  return process.memoryUsage().heapUsed / 1e6;
}

/** Resolves when at least a number of messages was handled. */
async function untilHandled(count: number): Promise<void> {
  while (handled < count) {
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}

async function untilEmpty(queue: Queue<number>): Promise<void> {
  for (let left = true; left;) {
    const { ready, delayed, running } = await queue.state();
    left = ready + delayed + running > 0;
  }
}

const nats = engine === 'nats' ? await natsServer() : undefined;
const components = nats
  ? { nats: NatsComponent, messaging: NatsMessagingComponent, handler: Handler }
  : { messaging: MessagingComponent, handler: Handler };

@component({ components })
class App extends Component {}

const config = nats ? { components: { nats: { url: nats.url } } } : {};
const { context } = await startApplication(App, { config });
const queue = await context.getResource(Numbers);

/** Sends messages until a number of them was sent and handled. @returns the heap after a collection, in MB */
async function exchange(first: number, end: number): Promise<number> {
  for (let start = first; start < end; start += backlog / 2) {
    const count = Math.min(backlog / 2, end - start);
    await Promise.all(Array.from({ length: count }, (_, index) => queue.send(start + index)));
    await untilHandled(start + count - backlog / 2);
  }
  await untilHandled(end);
  await untilEmpty(queue);
  const heap = heapMb();
  console.log(`${end.toLocaleString('en')} messages: ${heap.toFixed(2)} MB`);
  return heap;
}

const early = await exchange(0, messages / 10);
const late = await exchange(messages / 10, messages);
console.log(`${(late - early).toFixed(2)} MB more; the limit is ${limitMb} MB`);
// Does not wait for the server, which ends with this process.
process.exit(late - early > limitMb ? 1 : 0);
