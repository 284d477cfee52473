import { describeServer } from '@asphalt/testing/contracts';
import { redisServer, unavailable } from '@asphalt/testing/servers';
import { Redis, RedisChannels, RedisComponent, RedisLink } from '../src/index.ts';

describeServer({
  unavailable: unavailable('redis'),
  component: RedisComponent,
  server: redisServer,
  use: {
    link: (context, name) => context.getResourceSync(RedisLink, name),
    call: (context, text, name) => context.getResourceSync(Redis, name).echo(text),
    publish: (context, text) => context.getResourceSync(Redis).publish('news', text),
    async subscribe(context, onMessage) {
      const channels = context.getResourceSync(RedisChannels);
      channels.channel('news').subscribe(({ text }) => onMessage(text));
      const redis = context.getResourceSync(Redis);
      // Commands and subscriptions share the connection, so the reply follows the confirmation.
      await redis.ping();
    },
  },
  refusals: {
    'a wrong password': (url) => ({ url: url.replace(/:[^:@]+@/, ':wrong@') }),
    'a missing password': (url) => ({ url: url.replace(/:[^:@]+@/, '') }),
    'an unknown database': (url) => ({ url, database: 99 }),
  },
});
