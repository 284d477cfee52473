import { component, Component, on } from '@asphalt/core';
import { RejectedDelivery, type Delivery } from '@asphalt/integration';
import { Inbox, InboxComponent } from './inbox-component.ts';

/** The root component. Handles each file of the inbox, at most four at a time. */
@component({ components: { inbox: InboxComponent } })
export class App extends Component {
  /** The file is deleted when this method returns, and delivered again when it throws. */
  @on(Inbox, (inbox) => inbox, { concurrency: 4 })
  async count({ id, value }: Delivery<string>): Promise<void> {
    if (value.includes('\0')) throw new RejectedDelivery(`${id} is not a text`);
    const words = value.match(/\S+/g)?.length ?? 0;
    this.logger.info(`${id}: ${words} words`);
  }
}
