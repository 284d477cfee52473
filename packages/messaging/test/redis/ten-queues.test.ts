import { unavailable } from '@asphalt/testing/servers';
import { describeTenQueues } from '../ten-queues.ts';
import { redisBroker } from './redis-broker.ts';

describeTenQueues({ name: 'redis', broker: redisBroker, unavailable: unavailable('redis') });
