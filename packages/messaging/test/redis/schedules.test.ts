import { unavailable } from '@asphalt/testing/servers';
import { describeServerSchedules } from '../server-schedules.ts';
import { redisBroker } from './redis-broker.ts';

describeServerSchedules({ name: 'redis', broker: redisBroker, unavailable: unavailable('redis') });
