import { requireBuild } from '@asphalt/test-support/build';
import { unavailable } from '@asphalt/testing/servers';
import { beforeAll } from 'vitest';
import { describeLeader, describeQueue, describeTopic } from '../../src/testing/index.ts';
import { natsBroker } from './nats-broker.ts';

const program = new URL('components.mjs', import.meta.url);
// The processes that the tests kill are those of the build.
beforeAll(() => requireBuild('packages/messaging'));

const nats = { name: 'nats', broker: natsBroker, program, unavailable: unavailable('nats') };

describeQueue(nats);
describeTopic(nats);
describeLeader(nats);
