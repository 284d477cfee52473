import { unavailable } from '@asphalt/testing/servers';
import { describeLeader, describeQueue } from '../../src/testing/index.ts';
import { redisBroker } from './redis-broker.ts';

const redis = { name: 'redis', broker: redisBroker, unavailable: unavailable('redis') };

describeQueue(redis);
describeLeader(redis);
