/**
 * The application of the crash test. Its orders do not refuse a repeated change of their status, and note every change in a
 * table without any constraint. So only the inbox prevents a second effect.
 */
import { component, inject, provides } from '@asphalt/core';
import { MailerComponent } from '@asphalt/mailer';
import { MessagingComponent } from '@asphalt/messaging';
import { Inbox, OutboxComponent } from '@asphalt/messaging/sql';
import { Database, SqlComponent, type Transaction } from '@asphalt/sql';
import { WebComponent } from '@asphalt/web';
import { Api } from '../../src/api.ts';
import { OrdersApp } from '../../src/app.ts';
import { ChargeServiceComponent } from '../../src/charge-service.ts';
import { LocalNewsComponent } from '../../src/local-news.ts';
import { OrderStatusError } from '../../src/order-errors.ts';
import { OrderNews } from '../../src/order-news.ts';
import type { OrderSchema } from '../../src/order-schema.ts';
import type { LaterStatus, Order } from '../../src/order.ts';
import { Orders } from '../../src/orders.ts';
import { Site } from '../../src/site.ts';
import { Worker } from '../../src/worker.ts';

// The process must not outlive the test.
process.once('disconnect', () => process.exit());
if (process.connected === false) process.exit();

/** The number of rows with the same values is the number of effects. */
export interface Effect {
  readonly order_id: string;
  readonly status: LaterStatus;
}

class NotedOrders extends Orders {
  static override async open(db: Database<OrderSchema>, news: OrderNews): Promise<NotedOrders> {
    await Orders.open(db, news);
    return new NotedOrders(db, news);
  }

  override async advance(transaction: Transaction<OrderSchema>, id: string, status: LaterStatus): Promise<Order> {
    await (transaction as Transaction<OrderSchema & { effect: Effect }>)
      .insertInto('effect')
      .values({ order_id: id, status })
      .execute();
    try {
      return await super.advance(transaction, id, status);
    } catch (error) {
      const order = await this.find(id, transaction);
      if (!(error instanceof OrderStatusError) || order === undefined) throw error;
      return order;
    }
  }
}

@component({
  components: {
    sql: SqlComponent,
    messaging: MessagingComponent,
    outbox: OutboxComponent,
    news: LocalNewsComponent,
    mailer: MailerComponent,
    charges: ChargeServiceComponent,
    web: WebComponent,
    worker: Worker,
    api: Api,
    site: Site,
  },
})
export class CrashApp extends OrdersApp {
  @provides(Orders)
  override async orders(
    @inject(Database) db: Database<OrderSchema>,
    @inject(OrderNews) news: OrderNews,
  ): Promise<Orders> {
    return NotedOrders.open(db, news);
  }
}

class OpenInbox extends Inbox {
  override async accept(): Promise<boolean> {
    return true;
  }
}

/** An outbox whose inbox accepts every message. */
export class OutboxWithoutInbox extends OutboxComponent {
  @provides(Inbox)
  override inbox(): Inbox {
    return new OpenInbox(this.context.getResourceSync(Database), 0);
  }
}
