import { describeServer } from '@asphalt/testing/contracts';
import { unavailable } from '@asphalt/testing/servers';
import { Connection } from 'rabbitmq-client';
import { Amqp, AmqpComponent, AmqpLink, AmqpPublisher } from '../src/index.ts';
import { sharedBroker } from './shared-broker.ts';

const news = { queue: 'news', durable: true };

const { connect } = sharedBroker(async (url) => {
  const connection = new Connection(url);
  await connection.queueDeclare(news);
  await connection.close();
});

describeServer({
  unavailable: unavailable('rabbitmq'),
  component: AmqpComponent,
  server: connect,
  use: {
    link: (context, name) => context.getResourceSync(AmqpLink, name),
    // The broker replies with a confirmation only.
    async call(context, text, name) {
      await context.getResourceSync(AmqpPublisher, name).send({ exchange: 'amq.fanout', mandatory: false }, text);
      return text;
    },
    publish: (context, text) => context.getResourceSync(AmqpPublisher).send('news', text),
    async subscribe(context, onMessage) {
      const handle = async ({ value }: { readonly value: string }): Promise<void> => onMessage(value);
      const consumer = { name: 'news', concurrency: 1, handle, failed: () => undefined };
      context.getResourceSync(Amqp).queue<string>('news').consume(consumer);
    },
  },
  refusals: {
    'a wrong password': (url) => ({ url: url.replace(/:[^:@]+@/, ':wrong@') }),
    'an unknown virtual host': (url) => ({ url, vhost: 'missing' }),
  },
});
