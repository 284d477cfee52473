import { unavailable } from '@asphalt/testing/servers';
import { describeLeader, describeQueue } from '../../src/testing/index.ts';
import { postgresBroker } from './postgres-broker.ts';

const postgres = { name: 'postgres', broker: postgresBroker, unavailable: unavailable('postgres') };

describeQueue(postgres);
describeLeader(postgres);
