import { once } from 'node:events';
import { postgresServer } from '@asphalt/testing/servers';
import { describeDatabase } from './server/contract-of.ts';

describeDatabase({
  name: 'postgres',
  server: postgresServer,
  async startTls(socket) {
    await once(socket, 'data');
    socket.pause().write('S');
  },
});
