/** What the compiler checks about handlers of deliveries; `npm test` compiles this file. */
import type { Observable } from 'rxjs';
import { Component, inject, on, onAll, provides, token, type Signal } from '@asphalt/core';
import { Deliveries, type Consumer, type Consumption } from '@asphalt/core/deliveries';

interface Mail {
  readonly to: string;
}

/** A message with its metadata, as sources pass it. */
interface Envelope<T> {
  readonly value: T;
}

class Pulled<T> extends Deliveries<Envelope<T>> {
  protected start(consumer: Consumer<Envelope<T>>): Consumption {
    void consumer.handle({ value: undefined as T });
    // @ts-expect-error -- an envelope is missing
    void consumer.handle(undefined as T);
    return { stop: () => Promise.resolve() };
  }
}

abstract class Queue<T> {
  abstract readonly messages: Deliveries<Envelope<T>>;
  abstract readonly pulled: Pulled<T>;
  abstract readonly sent: Signal<T>;
  abstract readonly either: Observable<Envelope<T>> | Deliveries<Envelope<T>>;
}

const Mails = token<Queue<Mail>>('Mails');

abstract class Database {}

export class Handlers extends Component {
  @on(Mails, (mails) => mails.messages, { concurrency: 8, onError: (_error, { value }) => value.to satisfies string })
  async send({ value }: Envelope<Mail>, @inject(Database) _database: Database): Promise<void> {
    value.to satisfies string;
  }

  @onAll(Mails, (mails, name) => (name satisfies string, mails.pulled))
  pulled({ value }: Envelope<Mail>): void {
    value.to satisfies string;
  }

  @on(Mails, (mails) => mails.either)
  either({ value }: Envelope<Mail>): void {
    value.to satisfies string;
  }

  @on(Mails, (mails) => mails.sent)
  signal({ to }: Mail): void {
    to satisfies string;
  }

  // @ts-expect-error -- the handler receives an envelope
  @on(Mails, (mails) => mails.messages)
  unwrapped(_mail: Mail): void {}

  // @ts-expect-error -- the value of the envelope has no `from`
  @on(Mails, (mails) => mails.pulled)
  otherMessage(_mail: Envelope<{ readonly from: string }>): void {}

  // @ts-expect-error -- the value of the envelope has no `from`
  @onAll(Mails, (mails) => mails.messages, { onError: (_error, event: Envelope<{ from: string }>) => event.value.from })
  wrongOnError(_mail: Envelope<Mail>): void {}

  // @ts-expect-error -- a queue is not a source of events
  @on(Mails, (mails) => mails)
  noSource(): void {}

  // @ts-expect-error -- deliveries have no operators
  @on(Mails, (mails) => mails.messages.pipe())
  piped(): void {}

  // @ts-expect-error -- messages of another type
  @provides(Mails)
  wrongQueue(): Queue<{ readonly from: string }> {
    throw new Error('never');
  }
}
