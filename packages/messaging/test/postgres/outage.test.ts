import { unavailable } from '@asphalt/testing/servers';
import { describeOutage } from '../outage.ts';
import { postgresBroker } from './postgres-broker.ts';

describeOutage({ name: 'postgres', broker: postgresBroker, unavailable: unavailable('postgres') });
