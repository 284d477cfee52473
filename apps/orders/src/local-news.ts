import { Component, component, provides } from '@asphalt/core';
import { afterCommit, type Transaction } from '@asphalt/sql';
import { OrderNews } from './order-news.ts';

/** Reports the changes of this process. */
class LocalNews extends OrderNews {
  override async announce(transaction: Transaction, id: string): Promise<void> {
    afterCommit(transaction, () => this.changed.dispatch(id));
  }
}

/** Reports of changes within one process. */
@component({ description: 'Reports changes of orders within one process' })
export class LocalNewsComponent extends Component {
  @provides(OrderNews)
  news(): OrderNews {
    return new LocalNews();
  }
}
