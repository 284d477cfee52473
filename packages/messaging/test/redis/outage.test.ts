import { unavailable } from '@asphalt/testing/servers';
import { describeOutage } from '../outage.ts';
import { redisBroker } from './redis-broker.ts';

describeOutage({ name: 'redis', broker: redisBroker, unavailable: unavailable('redis') });
