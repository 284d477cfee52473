import { unavailable } from '@asphalt/testing/servers';
import { describeOutage } from '../outage.ts';
import { natsBroker } from './nats-broker.ts';

describeOutage({ name: 'nats', broker: natsBroker, unavailable: unavailable('nats') });
