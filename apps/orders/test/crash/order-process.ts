/** A process of the crash test: it serves the API, or charges orders and mails receipts. Its argument is a job as JSON. */
import { runApplication } from '@asphalt/core';
import { exitWithParent } from '@asphalt/test-support/processes';
import { CrashApp, OutboxWithoutInbox } from './crash-app.ts';

export interface OrderJob {
  readonly role: 'web' | 'worker';
  readonly config: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly withInbox: boolean;
}

const { role, config, withInbox } = JSON.parse(process.argv[2]!) as OrderJob;
const disabled = { enabled: false };
const roles = { web: { worker: disabled }, worker: { web: disabled, api: disabled } };

exitWithParent();
await runApplication(CrashApp, {
  config: {
    components: { ...config, ...roles[role], ...(!withInbox && { outbox: { ...config['outbox'], type: OutboxWithoutInbox } }) },
  },
});
