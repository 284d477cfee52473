/** NATS, RabbitMQ and Mosquitto. */
import { join } from 'node:path';
import { freeAddress } from './ports.ts';
import { serverPrograms } from './programs.ts';
import { startServer, urlWith, type PasswordOptions } from './start-server.ts';
import type { TestServer } from './test-server.ts';

const user = 'test';

export interface NatsServerOptions extends PasswordOptions {
  /** Further settings of the configuration file. A server that the environment specifies ignores them. */
  readonly settings?: object;
}

/**
 * Starts a private NATS server with JetStream, or uses the server of `ASPHALT_TEST_NATS`. With a password, the user is
 * `test`. Streams survive `kill()`.
 *
 * @throws {@link ServerMissingError} if the server is not installed
 */
export function natsServer({ password, settings: further }: NatsServerOptions = {}): Promise<TestServer> {
  return startServer(serverPrograms.nats, urlWith('nats', password && user, password), {
    async launch(place) {
      const [path] = place.executables;
      const target = await freeAddress();
      const settings = {
        ...target,
        server_name: place.id,
        jetstream: { store_dir: place.folder },
        ...(password !== undefined && { authorization: { user, password } }),
        ...further,
      };
      // The format of the file includes JSON.
      const file = place.write('nats.conf', JSON.stringify(settings));
      // The server speaks first. Its name differs from that of a server that has taken the port.
      const probe = { request: '', reply: new RegExp(`"server_name":"${place.id}"`) };
      return { commands: [{ path: path!, args: ['-c', file] }], target, probe };
    },
  });
}

/**
 * Starts a private RabbitMQ with the user `guest`, or uses the server of `ASPHALT_TEST_RABBITMQ`. Durable queues survive
 * `kill()`.
 *
 * @param options - `password` is `guest` by default
 * @throws {@link ServerMissingError} if the server is not installed
 */
export function rabbitmqServer({ password = 'guest' }: PasswordOptions = {}): Promise<TestServer> {
  return startServer(serverPrograms.rabbitmq, urlWith('amqp', 'guest', password), {
    async launch(place) {
      const [path, epmd] = place.executables;
      const [target, distribution, names] = [await freeAddress(), await freeAddress(), await freeAddress()];
      const namesEnv = { ERL_EPMD_ADDRESS: names.host, ERL_EPMD_PORT: String(names.port) };
      const settings = {
        NODENAME: `${place.id}@localhost`,
        NODE_IP_ADDRESS: target.host,
        NODE_PORT: String(target.port),
        DIST_PORT: String(distribution.port),
        MNESIA_BASE: join(place.folder, 'data'),
        LOG_BASE: join(place.folder, 'log'),
        PID_FILE: join(place.folder, 'pid'),
        CONFIG_FILE: place.write('rabbitmq.conf', `default_pass = ${password}\n`),
        ENABLED_PLUGINS_FILE: place.write('enabled_plugins', '[].\n'),
        SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
      };
      const rabbitEnv = Object.entries(settings).map(([name, value]) => [`RABBITMQ_${name}`, value]);
      return {
        commands: [
          // Otherwise, the server starts one that outlives it.
          { path: epmd!, args: ['-port', String(names.port), '-address', names.host] },
          { path: path!, args: [], env: { ...namesEnv, ...Object.fromEntries(rabbitEnv) } },
        ],
        target,
        // The reply contains the name of the node and the host. It differs from that of a server that has taken the port.
        probe: { request: 'AMQP\0\0\x09\x01', reply: new RegExp(place.id) },
      };
    },
  });
}

/**
 * Starts a private Mosquitto, or uses the server of `ASPHALT_TEST_MOSQUITTO`. With a password, the user is `test`.
 * Persistent sessions and retained messages survive `kill()`.
 *
 * @throws {@link ServerMissingError} if the server is not installed
 */
export function mosquittoServer({ password }: PasswordOptions = {}): Promise<TestServer> {
  return startServer(serverPrograms.mosquitto, urlWith('mqtt', password && user, password), {
    async prepare(place) {
      const [, passwd] = place.executables;
      const users = join(place.folder, 'users');
      const lines = [
        `listener 0 ${place.socket.path}`,
        'persistence true',
        `persistence_location ${place.folder}/`,
        // Saves after each change.
        'autosave_on_changes true',
        'autosave_interval 1',
        ...(password === undefined ? ['allow_anonymous true'] : [`password_file ${users}`]),
      ];
      place.write('mosquitto.conf', `${lines.join('\n')}\n`);
      if (password !== undefined) await place.run({ path: passwd!, args: ['-b', '-c', users, user, password] });
    },
    launch: ({ executables: [path], folder, socket }) => ({
      commands: [{ path: path!, args: ['-c', join(folder, 'mosquitto.conf')] }],
      target: socket,
      // A connection without login: the server accepts or refuses it.
      probe: { request: Buffer.from('\x10\x11\0\x04MQTT\x04\x02\0\x3c\0\x05probe', 'latin1'), reply: /^ / },
    }),
  });
}
