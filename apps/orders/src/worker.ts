/**
 * Charges orders, mails receipts and expires orders. Any number of processes can run it. No transaction is open during a call of
 * a service, because it would block the other writers of SQLite, and connections of a pool.
 */
import { component, Component, defineConfig, inject, on, type Context } from '@asphalt/core';
import { MailDeliveryError, Mailer, MailMessageError } from '@asphalt/mailer';
import { RejectedDelivery, schedule, type Delivery, type Queue } from '@asphalt/messaging';
import { Inbox, Outbox } from '@asphalt/messaging/sql';
import { Transaction } from '@asphalt/sql';
import { ChargeService } from './charge-service.ts';
import { ChargeServiceError } from './order-errors.ts';
import type { OrderSchema } from './order-schema.ts';
import type { Order, OrderMessage } from './order.ts';
import { Orders } from './orders.ts';
import { Charges, Mails } from './queues.ts';
import { receipt } from './receipt.ts';

const options = defineConfig({
  expireAfter: { doc: 'Time in which an order must be charged', format: 'duration', default: '15m' },
});

@component({
  config: options,
  lookups: [Transaction],
  description: 'Charges orders, mails receipts and expires orders',
})
export class Worker extends Component<typeof options> {
  @inject(Orders) readonly orders!: Orders;
  @inject(ChargeService) readonly chargeService!: ChargeService;

  @on(Charges, (queue) => queue.messages, { concurrency: 8 })
  async charge(
    delivery: Delivery<OrderMessage>,
    context: Context,
    @inject(Inbox) inbox: Inbox,
    @inject(Outbox) outbox: Outbox,
    @inject(Mails) mails: Queue<OrderMessage>,
  ): Promise<void> {
    const order = await this.#find(delivery.value.order);
    // The service charges an order once, however often it is requested.
    const outcome = await this.chargeService.charge(order, context.abort);
    // The schedule that cancelled the charge expires the order.
    if (outcome === 'cancelled') return;
    const transaction: Transaction<OrderSchema> = await context.getResource(Transaction);
    if (!(await inbox.accept(transaction, delivery))) return;
    await this.orders.advance(transaction, order.id, outcome);
    if (outcome === 'charged') await outbox.send(transaction, mails, { order: order.id }, { key: order.id });
    this.logger.info(`Order ${order.id} was ${outcome}`);
  }

  @on(Mails, (queue) => queue.messages, { concurrency: 4 })
  async mail(
    delivery: Delivery<OrderMessage>,
    context: Context,
    @inject(Inbox) inbox: Inbox,
    @inject(Mailer) mailer: Mailer,
  ): Promise<void> {
    const order = await this.#find(delivery.value.order);
    // A mail cannot be recalled, so a delivery that is repeated after the commit sends none.
    if (order.status === 'mailed') return;
    try {
      await mailer.send(await receipt(order));
    } catch (error) {
      throw isPermanent(error) ? new RejectedDelivery('The receipt cannot be sent', { cause: error }) : error;
    }
    const transaction: Transaction<OrderSchema> = await context.getResource(Transaction);
    if (!(await inbox.accept(transaction, delivery))) return;
    await this.orders.advance(transaction, order.id, 'mailed');
    this.logger.info(`The receipt of order ${order.id} was sent`);
  }

  /** Expires orders that were not charged in time. */
  @schedule('*/5 * * * * *')
  async expire(_planned: Date, context: Context): Promise<void> {
    for (const id of await this.orders.unchargedBefore(Date.now() - this.config.expireAfter)) {
      try {
        await context.run((own) => this.#expire(id, own), 'expiry');
      } catch (error) {
        this.logger.warn(`Order ${id} cannot expire yet`, { error });
        if (error instanceof ChargeServiceError) return;
      }
    }
  }

  /** The charge service decides between the expiry and a charge that is on its way. */
  async #expire(id: string, context: Context): Promise<void> {
    if (!(await this.chargeService.cancel(id, context.abort))) {
      this.logger.warn(`Order ${id} was charged late and does not expire`);
      return;
    }
    const transaction: Transaction<OrderSchema> = await context.getResource(Transaction);
    await this.orders.advance(transaction, id, 'expired');
    this.logger.info(`Order ${id} has expired`);
  }

  async #find(id: string): Promise<Order> {
    const order = await this.orders.find(id);
    if (order === undefined) throw new RejectedDelivery(`Order ${id} does not exist`);
    return order;
  }
}

/** Whether another attempt would fail as well. A wrong login or a full disk can be fixed. */
function isPermanent(error: unknown): boolean {
  if (error instanceof MailMessageError) return !error.temporary;
  return (
    error instanceof MailDeliveryError &&
    !error.temporary &&
    (error.failure === 'addresses' || error.failure === 'message')
  );
}
