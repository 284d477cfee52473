import { unavailable } from '@asphalt/testing/servers';
import { describeTenQueues } from '../ten-queues.ts';
import { postgresBroker } from './postgres-broker.ts';

describeTenQueues({ name: 'postgres', broker: postgresBroker, unavailable: unavailable('postgres') });
