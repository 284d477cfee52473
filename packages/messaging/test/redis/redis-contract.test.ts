import { unavailable } from '@asphalt/testing/servers';
import { describeLeader, describeQueue, describeTopic } from '../../src/testing/index.ts';
import { redisBroker } from './redis-broker.ts';

const program = new URL('components.ts', import.meta.url);
const redis = { name: 'redis', broker: redisBroker, program, unavailable: unavailable('redis') };

describeQueue(redis);
describeTopic(redis);
describeLeader(redis);
