import { requireBuild } from '@asphalt/test-support/build';
import { unavailable } from '@asphalt/testing/servers';
import { beforeAll } from 'vitest';
import { describeLeader, describeQueue, describeTopic } from '../../src/testing/index.ts';
import { redisBroker } from './redis-broker.ts';

const program = new URL('components.mjs', import.meta.url);
// The processes that the tests kill are those of the build.
beforeAll(() => requireBuild('packages/messaging'));

const redis = { name: 'redis', broker: redisBroker, program, unavailable: unavailable('redis') };

describeQueue(redis);
describeTopic(redis);
describeLeader(redis);
