import { defineConfig, type ConfigOf } from '@asphalt/core';
import { endpointFaults, serverOptions } from '@asphalt/integration';

export const server = { scheme: 'mqtt', port: 1883, env: 'MQTT' } as const;

const will = defineConfig({
  topic: { doc: 'Topic of the message', format: 'string', required: true },
  payload: { doc: 'Payload of the message', format: 'string', default: '' },
  qos: { doc: 'Quality of service of the message', format: 'int', default: 0 },
  retain: { doc: 'Whether the broker keeps the message for later subscribers', format: 'boolean', default: false },
  delay: { doc: 'Time after which the broker sends the message', format: 'duration', default: 0 },
});

export const options = defineConfig(
  {
    ...serverOptions(server),
    clientId: { doc: 'Name of the session at the broker; by default a random one', format: 'string' },
    clean: { doc: 'Whether the start discards the session', format: 'boolean', default: false },
    sessionExpiry: { doc: 'Time for which the broker keeps the session', format: 'duration', default: '5m' },
    keepalive: { doc: 'Longest time without a packet; 0 for no limit', format: 'duration', default: '30s' },
    will: { doc: 'Message that the broker sends if the connection breaks', format: will },
    sharedGroup: { doc: 'Group of processes that share the deliveries of topics', format: 'string' },
  },
  function* check(config) {
    yield* endpointFaults(server)(config);
    const { will: message, sharedGroup } = config;
    if (message && ![0, 1, 2].includes(message.qos)) yield { option: ['will', 'qos'], message: 'must be 0, 1 or 2' };
    if (/[+#/]/.test(sharedGroup ?? '')) yield { option: 'sharedGroup', message: 'must not contain `+`, `#` or `/`' };
  },
);

export type MqttConfig = ConfigOf<typeof options>;
