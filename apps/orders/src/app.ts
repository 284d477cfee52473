import { component, Component, inject, provides } from '@asphalt/core';
import { MailerComponent } from '@asphalt/mailer';
import { Messaging, MessagingComponent, type Queue } from '@asphalt/messaging';
import { OutboxComponent } from '@asphalt/messaging/sql';
import { Database, SqlComponent } from '@asphalt/sql';
import { WebComponent } from '@asphalt/web';
import { Api } from './api.ts';
import { ChargeServiceComponent } from './charge-service.ts';
import { LocalNewsComponent } from './local-news.ts';
import { OrderNews } from './order-news.ts';
import type { OrderSchema } from './order-schema.ts';
import type { OrderMessage } from './order.ts';
import { Orders } from './orders.ts';
import { Charges, Mails } from './queues.ts';
import { Site } from './site.ts';
import { Worker } from './worker.ts';

/** Takes orders, charges them and mails their receipts. The configuration decides which process runs which component. */
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
  description: 'Takes orders, charges them and mails their receipts',
})
export class OrdersApp extends Component {
  @provides(Orders)
  async orders(@inject(Database) db: Database<OrderSchema>, @inject(OrderNews) news: OrderNews): Promise<Orders> {
    return Orders.open(db, news);
  }

  @provides(Charges)
  charges(@inject(Messaging) messaging: Messaging): Queue<OrderMessage> {
    return messaging.queue('charges');
  }

  @provides(Mails)
  mails(@inject(Messaging) messaging: Messaging): Queue<OrderMessage> {
    return messaging.queue('mails');
  }
}
