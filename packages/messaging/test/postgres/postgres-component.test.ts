import { Component, component, inject, provides, token } from '@asphalt/core';
import { unavailable } from '@asphalt/testing/servers';
import { describe, expect, test } from 'vitest';
import { Messaging, type Topic } from '../../src/index.ts';
import { startReplica } from '../../src/testing/replica.ts';
import { postgresBroker } from './postgres-broker.ts';

const News = token<Topic<string>>('News');

describe.skipIf(unavailable('postgres'))('the component of PostgreSQL', () => {
  test('a topic fails the start, because the engine has none', async () => {
    @component({})
    class Reader extends Component {
      @provides(News)
      news(@inject(Messaging) messaging: Messaging): Topic<string> {
        return messaging.topic('news');
      }
    }
    const started = startReplica(await postgresBroker(), { handler: Reader });
    await expect(started).rejects.toMatchObject({
      cause: { code: 'ERR_MESSAGING_UNSUPPORTED', summary: 'The postgres engine does not support topics' },
    });
  });

  test('with `migrate: check`, missing tables fail the start at once', async () => {
    const started = startReplica(await postgresBroker(), { options: { migrate: 'check' } });
    await expect(started).rejects.toThrow('SchemaMigrationRequiredError: BullMQ: PostgreSQL schema "bullmq"');
  });
});
