import { describeServer } from '@asphalt/testing/contracts';
import { postgresServer, unavailable } from '@asphalt/testing/servers';
import { Messaging } from '../../src/index.ts';
import { PostgresMessagingComponent, PostgresMessagingLink } from '../../src/postgres/index.ts';

describeServer({
  unavailable: unavailable('postgres'),
  component: PostgresMessagingComponent,
  server: postgresServer,
  // PostgreSQL responds to a request for TLS with one byte.
  startTls: (socket) =>
    new Promise((resolve) => {
      socket.once('data', () => socket.write('S', () => resolve()));
    }),
  use: {
    link: (context, name) => context.getResourceSync(PostgresMessagingLink, name),
    async call(context, text, name) {
      await context.getResourceSync(Messaging, name).queue('mails').state();
      return text;
    },
  },
  refusals: {
    'a wrong password': (url) => ({ url: url.replace(/:[^:@]+@/, ':wrong@') }),
    'an unknown database': (url) => ({ url: url.replace(/\/[^/]*$/, '/unknown') }),
  },
});
