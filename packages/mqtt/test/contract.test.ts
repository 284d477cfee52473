import { describeServer } from '@asphalt/testing/contracts';
import { mosquittoServer, unavailable } from '@asphalt/testing/servers';
import { Mqtt, MqttComponent, MqttLink } from '../src/index.ts';

describeServer({
  unavailable: unavailable('mosquitto'),
  component: MqttComponent,
  server: mosquittoServer,
  use: {
    link: (context, name) => context.getResourceSync(MqttLink, name),
    // The broker replies with an acknowledgement only.
    async call(context, text, name) {
      await context.getResourceSync(Mqtt, name).publish('calls', text);
      return text;
    },
    publish: (context, text) => context.getResourceSync(Mqtt).publish('news', text),
    async subscribe(context, onMessage) {
      const mqtt = context.getResourceSync(Mqtt);
      mqtt.topic('news').subscribe(({ payload }) => onMessage(payload.toString()));
      // The broker handles packets in order.
      await mqtt.publish('calls', 'subscribed');
    },
  },
  refusals: {
    'a wrong password': (url) => ({ url: url.replace(/:[^:@]+@/, ':wrong@') }),
    'a missing login': (url) => ({ url: url.replace(/\/\/.+@/, '//') }),
  },
});
