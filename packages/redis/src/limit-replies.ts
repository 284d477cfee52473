import { late, within } from '@asphalt/integration';
import type { RedisClientType, TimeoutError } from '@redis/client';

type Send = (this: Sender, ...args: unknown[]) => Promise<unknown>;

/** The methods through which a client sends its commands. Clients with other command options inherit from it. */
interface Sender {
  readonly _commandOptions?: TimeLimit;
  sendCommand: Send;
  _executeMulti: Send;
  _executePipeline: Send;
}

interface TimeLimit {
  readonly timeout?: number;
}

/**
 * Lets commands fail that receive no reply within a time limit, or within the option `timeout` of the command. The driver
 * applies its own limit only until it has written a command, so a server that stops responding would block the caller.
 */
export function limitReplies(client: RedisClientType, defaultMs: number, LateError: typeof TimeoutError): void {
  // `createClient` returns an object that inherits from the client, and commands call the methods of the latter.
  const sender = Object.getPrototypeOf(client) as Sender;
  for (const method of ['sendCommand', '_executeMulti', '_executePipeline'] as const) {
    const send = sender[method];
    sender[method] = async function (...args) {
      // The second argument of the other methods is the number of a database.
      // The driver's options contain 0 unless the caller has set a limit.
      const limitMs = (args[1] as TimeLimit | undefined)?.timeout || this._commandOptions?.timeout || defaultMs;
      const result = await within(limitMs, send.apply(this, args));
      if (result === late) throw new LateError(`No reply within ${limitMs} ms`);
      return result;
    };
  }
}
