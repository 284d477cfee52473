import { Component, component, inject } from '@asphalt/core';
import { ThreadPool, ThreadsComponent } from '@asphalt/threads';

@component({ components: { threads: ThreadsComponent } })
export class Accounts extends Component {
  @inject(ThreadPool) readonly threads!: ThreadPool;

  override async ready(): Promise<void> {
    const url = new URL('./passwords.ts', import.meta.url);
    const passwords = await this.threads.module<typeof import('./passwords.ts')>(url);
    this.logger.info(await passwords.hash('secret'));
  }
}
