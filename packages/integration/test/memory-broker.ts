import { recordingLogger, settled, type LogLine } from '@asphalt/test-support';
import {
  Component,
  component,
  on,
  provides,
  startApplication,
  token,
  type Application,
  type Context,
} from '@asphalt/core';
import type { Deliveries } from '@asphalt/core/deliveries';
import { onTestFinished } from 'vitest';
import {
  deliveries,
  type Delivery,
  type DeliveryOptions,
  type PullClient,
  type PushClient,
  type Retry,
} from '../src/index.ts';

interface Message {
  readonly id: string;
  readonly payload: string;
  readonly attempt: number;
}

/** A broker in memory. Delayed messages wait until the test releases them. */
export class MemoryBroker {
  readonly waiting: Message[] = [];
  readonly delayed: { readonly message: Message; readonly retry: Retry }[] = [];
  readonly acknowledged: string[] = [];
  readonly dead: { readonly id: string; readonly error: unknown }[] = [];
  /** The message of each call of `renew`. */
  readonly renewed: string[] = [];
  /** The operations that fail because the broker is away. */
  readonly broken = new Set<'fetch' | 'acknowledge' | 'retry' | 'bury' | 'renew'>();
  /** Resolves when the broker confirms acknowledgements. */
  confirmed: Promise<void> = Promise.resolve();
  /** The largest number of messages that were unsettled at the same time. */
  mostUnsettled = 0;
  /** Number of calls of `fetch`. */
  fetches = 0;
  #unsettled = 0;
  #arrived: (() => void) | undefined;
  #settle: ((message: Message) => Promise<void>) | undefined;

  send(...payloads: readonly string[]): void {
    for (const payload of payloads) this.#enqueue({ id: payload, payload, attempt: 1 });
  }

  /** Delivers the delayed messages again. */
  release(): void {
    for (const { message, retry } of this.delayed.splice(0)) {
      this.#enqueue({ ...message, attempt: message.attempt + (retry.counts ? 1 : 0) });
    }
  }

  get pull(): PullClient<Message, string> {
    return {
      ...this.#operations,
      fetch: async (count, abort) => {
        this.fetches++;
        this.#check('fetch');
        if (this.waiting.length === 0 && !abort.aborted) {
          await new Promise<void>((resolve) => {
            this.#arrived = resolve;
            abort.addEventListener('abort', () => resolve(), { once: true });
          });
        }
        return this.waiting.splice(0, count).map((message) => this.#deliver(message));
      },
    };
  }

  get push(): PushClient<Message, string> {
    return {
      ...this.#operations,
      subscribe: (settle, concurrency) => {
        const next = async (message: Message): Promise<void> => {
          await settle(this.#deliver(message));
          const waiting = this.#settle && this.waiting.shift();
          if (waiting) await next(waiting);
        };
        this.#settle = async (message) => {
          if (this.#unsettled < concurrency) await next(message);
          else this.waiting.push(message);
        };
        return async () => {
          this.#settle = undefined;
        };
      },
    };
  }

  readonly #operations = {
    describe: ({ id, attempt }: Message) => ({ id, attempt, headers: {} }),
    read: ({ payload }: Message) => {
      if (payload.startsWith('unreadable')) throw new Error('no JSON');
      return payload;
    },
    acknowledge: async ({ id }: Message) => {
      await this.confirmed;
      this.#end('acknowledge', () => void this.acknowledged.push(id));
    },
    retry: async (message: Message, retry: Retry) =>
      this.#end('retry', () => void this.delayed.push({ message, retry })),
    bury: async ({ id }: Message, error: unknown) => this.#end('bury', () => void this.dead.push({ id, error })),
    renew: ({ id }: Message) => {
      this.renewed.push(id);
      this.#check('renew');
    },
  };

  #enqueue(message: Message): void {
    if (this.#settle) return void this.#settle(message);
    this.waiting.push(message);
    this.#arrived?.();
  }

  #deliver(message: Message): Message {
    this.mostUnsettled = Math.max(this.mostUnsettled, ++this.#unsettled);
    return message;
  }

  #end(operation: 'acknowledge' | 'retry' | 'bury', effect: () => void): void {
    this.#unsettled--;
    this.#check(operation);
    effect();
  }

  #check(operation: 'fetch' | 'acknowledge' | 'retry' | 'bury' | 'renew'): void {
    if (this.broken.has(operation)) throw new Error(`${operation}: the broker is away`);
  }
}

const Messages = token<Deliveries<Delivery<string>>>('Messages');

export interface Consuming {
  readonly app: Application;
  readonly lines: readonly LogLine[];
  /** The deliveries that `onError` received, as `id: error`. */
  readonly failures: readonly string[];
}

/** Starts an application whose handler consumes a broker. */
export async function consume(
  client: PullClient<Message, string> | PushClient<Message, string>,
  handle: (delivery: Delivery<string>, context: Context) => unknown,
  options: Partial<DeliveryOptions> & { readonly concurrency?: number } = {},
): Promise<Consuming> {
  const { logger, lines } = recordingLogger();
  const { concurrency = 1, ...rest } = options;
  const source = deliveries(client, { name: 'mails', logger, ...rest });
  const failures: string[] = [];
  const onError = (error: unknown, { id }: Delivery<string>): void => {
    failures.push(`${id}: ${(error as Error).message.split('\n', 1)[0]}`);
  };

  @component({})
  class App extends Component {
    @provides(Messages)
    messages(): Deliveries<Delivery<string>> {
      return source;
    }

    @on(Messages, (messages) => messages, { concurrency, onError })
    async handle(delivery: Delivery<string>, context: Context): Promise<void> {
      await handle(delivery, context);
    }
  }
  const app = await startApplication(App, { logger });
  onTestFinished(() => app.stop());
  await settled();
  return { app, lines, failures };
}
