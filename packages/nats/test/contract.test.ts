import { describeServer } from '@asphalt/testing/contracts';
import { natsServer, unavailable } from '@asphalt/testing/servers';
import { Nats, NatsComponent, NatsLink } from '../src/index.ts';

/** The clients that reply to `echo`. */
const replying = new WeakSet<Nats>();

describeServer({
  unavailable: unavailable('nats'),
  component: NatsComponent,
  server: natsServer,
  // The server greets, and the client starts TLS if the greeting allows it.
  startTls: async (socket) => void socket.write('INFO {"server_id":"a","version":"2.9.10","tls_required":true}\r\n'),
  use: {
    link: (context, name) => context.getResourceSync(NatsLink, name),
    async call(context, text, name) {
      const nats = context.getResourceSync(Nats, name);
      if (!replying.has(nats)) {
        nats.client.subscribe('echo', { callback: (_, message) => void message.respond(message.data) });
        replying.add(nats);
      }
      return (await nats.request('echo', text)).string();
    },
    publish: async (context, text) => context.getResourceSync(Nats).client.publish('news', text),
    async subscribe(context, onMessage) {
      const nats = context.getResourceSync(Nats);
      nats.subject('news').subscribe((message) => onMessage(message.string()));
      await nats.client.flush();
    },
  },
  refusals: {
    'a wrong password': (url) => ({ url: url.replace(/:[^:@]+@/, ':wrong@') }),
    'a missing login': (url) => ({ url: url.replace(/\/\/.+@/, '//') }),
    'a wrong token': (url) => ({ url: url.replace(/\/\/.+@/, '//'), token: 'wrong' }),
    'a creds file that does not exist': (url) => ({ url: url.replace(/\/\/.+@/, '//'), creds: '/missing.creds' }),
  },
});
