import { unavailable } from '@asphalt/testing/servers';
import { describeLeader, describeQueue } from '../../src/testing/index.ts';
import { postgresBroker } from './postgres-broker.ts';

const program = new URL('components.ts', import.meta.url);
const postgres = { name: 'postgres', broker: postgresBroker, program, unavailable: unavailable('postgres') };

describeQueue(postgres);
describeLeader(postgres);
