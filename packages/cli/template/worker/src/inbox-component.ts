import { access, constants } from 'node:fs/promises';
import { component, Component, defineConfig, health, provides, token } from '@asphalt/core';
import type { Deliveries } from '@asphalt/core/deliveries';
import { deliveries, type Delivery } from '@asphalt/integration';
import { InboxFolder } from './inbox.ts';

/** The files of the folder as a resource. Each file is delivered until a handler succeeds. */
export const Inbox = token<Deliveries<Delivery<string>>>('Inbox');

const options = defineConfig({
  folder: { doc: 'Folder of the files; created if it does not exist', format: 'path', required: true },
  every: { doc: 'Time between checks of the folder', format: 'duration', default: '1s' },
  attempts: { doc: 'Number of attempts before a file is moved to the folder `failed`', format: 'int', default: 3 },
});

@component({ config: options, description: 'Delivers the files of a folder' })
export class InboxComponent extends Component<typeof options> {
  @provides(Inbox)
  async inbox(): Promise<Deliveries<Delivery<string>>> {
    const { folder, every, attempts } = this.config;
    const inbox = new InboxFolder(folder, every);
    await inbox.open();
    return deliveries(inbox, { name: 'inbox', logger: this.logger, attempts });
  }

  @health()
  async canWrite(): Promise<void> {
    await access(this.config.folder, constants.W_OK);
  }
}
