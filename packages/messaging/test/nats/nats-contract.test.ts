import { unavailable } from '@asphalt/testing/servers';
import { describeLeader, describeQueue, describeTopic } from '../../src/testing/index.ts';
import { natsBroker } from './nats-broker.ts';

const program = new URL('components.ts', import.meta.url);
const nats = { name: 'nats', broker: natsBroker, program, unavailable: unavailable('nats') };

describeQueue(nats);
describeTopic(nats);
describeLeader(nats);
