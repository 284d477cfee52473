import { requireBuild } from '@asphalt/test-support/build';
import { unavailable } from '@asphalt/testing/servers';
import { beforeAll } from 'vitest';
import { describeLeader, describeQueue } from '../../src/testing/index.ts';
import { postgresBroker } from './postgres-broker.ts';

const program = new URL('components.mjs', import.meta.url);
// The processes that the tests kill are those of the build.
beforeAll(() => requireBuild('packages/messaging'));

const postgres = { name: 'postgres', broker: postgresBroker, program, unavailable: unavailable('postgres') };

describeQueue(postgres);
describeLeader(postgres);
