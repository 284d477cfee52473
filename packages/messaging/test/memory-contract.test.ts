import { describeLeader, describeQueue, describeSchedule, describeTopic } from '../src/testing/index.ts';
import { memoryBroker } from './memory-broker.ts';

const memory = { name: 'memory', broker: memoryBroker };

describeQueue(memory);
describeTopic(memory);
describeLeader(memory);
describeSchedule(memory);
