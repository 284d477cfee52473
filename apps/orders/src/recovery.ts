import { component, Component, inject } from '@asphalt/core';
import type { Queue } from '@asphalt/messaging';
import type { OrderMessage, OrderStatus } from './order.ts';
import { Orders } from './orders.ts';
import { Charges, Mails } from './queues.ts';

const batch = 100;

/**
 * Sends the messages of unfinished orders again when the application starts, because the memory engine has lost them with its
 * process. Other engines store messages and need no recovery.
 */
@component({ description: 'Sends messages again that the memory engine has lost' })
export class Recovery extends Component {
  @inject(Orders) readonly orders!: Orders;

  override async start(
    @inject(Charges) charges: Queue<OrderMessage>,
    @inject(Mails) mails: Queue<OrderMessage>,
  ): Promise<void> {
    await this.#resend('placed', charges);
    await this.#resend('charged', mails);
  }

  /** A message that still waits in the outbox has the same key, so the queue drops one of the two. */
  async #resend(status: OrderStatus, queue: Queue<OrderMessage>): Promise<void> {
    let after: string | undefined;
    do {
      const orders = await this.orders.list({ status, limit: batch, after });
      for (const { id } of orders) await queue.send({ order: id }, { key: id });
      if (orders.length > 0) this.logger.info(`Orders that are ${status} continue`, { orders: orders.length });
      after = orders.length === batch ? orders.at(-1)!.id : undefined;
    } while (after !== undefined);
  }
}
