import { Deliveries, DeliveryReturnedError, type Consumer, type Consumption } from '@asphalt/core/deliveries';

/** A source in memory with the behavior of a broker: it delivers an event again until it is acknowledged. */
export class MemoryQueue<E> extends Deliveries<E> {
  readonly acknowledged: E[] = [];
  /** Events that were not handled, and that no consumer receives again. */
  readonly returned: E[] = [];
  /** Events without attempts left. */
  readonly dead: E[] = [];
  consumer: Consumer<E> | undefined;
  /** Sends the acknowledgement of an event to the imaginary broker. */
  acknowledge: (event: E) => Promise<void> | void = () => undefined;
  readonly #attempts: number;
  /** Events that wait for the consumer. */
  readonly waiting: Array<{ readonly event: E; readonly attempt: number }> = [];
  readonly #unsettled = new Set<Promise<void>>();

  constructor(attempts = 1) {
    super();
    this.#attempts = attempts;
  }

  send(...events: readonly E[]): void {
    for (const event of events) this.waiting.push({ event, attempt: 1 });
    this.#fill();
  }

  protected start(consumer: Consumer<E>): Consumption {
    this.consumer = consumer;
    this.#fill();
    return { stop: () => this.stop() };
  }

  protected async stop(): Promise<void> {
    this.consumer = undefined;
    while (this.#unsettled.size > 0) await Promise.all(this.#unsettled);
  }

  #fill(): void {
    while (this.consumer && this.waiting.length > 0 && this.#unsettled.size < this.consumer.concurrency) {
      const { event, attempt } = this.waiting.shift()!;
      const settled = this.#deliver(this.consumer, event, attempt).then(() => {
        this.#unsettled.delete(settled);
        this.#fill();
      });
      this.#unsettled.add(settled);
    }
  }

  async #deliver(consumer: Consumer<E>, event: E, attempt: number): Promise<void> {
    try {
      await consumer.handle(event);
    } catch (error) {
      if (error instanceof DeliveryReturnedError) {
        this.returned.push(event);
      } else if (attempt < this.#attempts) {
        this.waiting.push({ event, attempt: attempt + 1 });
      } else {
        this.dead.push(event);
        consumer.failed(error, event);
      }
      return;
    }
    await this.acknowledge(event);
    this.acknowledged.push(event);
  }
}
