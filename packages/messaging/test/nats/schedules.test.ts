import { unavailable } from '@asphalt/testing/servers';
import { describeServerSchedules } from '../server-schedules.ts';
import { natsBroker } from './nats-broker.ts';

describeServerSchedules({ name: 'nats', broker: natsBroker, unavailable: unavailable('nats') });
