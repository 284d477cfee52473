/** A real SMTP server on a free port. It stores the messages that it accepts; tests configure which ones it refuses. */
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { callbackify } from 'node:util';

import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server';
import { onTestFinished } from 'vitest';

import { cert, key } from './certificate.ts';

export interface ReceivedMail {
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly source: string;
  readonly secure: boolean;
  readonly user: string | undefined;
}

export interface MailServer {
  readonly host: string;
  readonly port: number;
  readonly received: readonly ReceivedMail[];
  /** The number of connections so far, and of those still open. */
  readonly connections: { readonly made: number; readonly open: number };
}

/** A negative reply of the server. */
export class Refusal extends Error {
  constructor(
    readonly responseCode: number,
    message: string,
  ) {
    super(message);
  }
}

export interface MailServerBehaviour extends SMTPServerOptions {
  /** The only login that the server accepts; without it, the server requires no login. */
  readonly login?: { readonly username: string; readonly password: string };
  readonly recipient?: (address: string) => Refusal | undefined;
  /** Runs after a message has arrived and before the server replies. */
  readonly message?: (mail: ReceivedMail) => Promise<Refusal | undefined> | Refusal | undefined;
}

export async function startMailServer(behaviour: MailServerBehaviour = {}): Promise<MailServer> {
  const { login, recipient, message, ...options } = behaviour;
  const received: ReceivedMail[] = [];
  const connections = { made: 0, open: 0 };
  const server = new SMTPServer({
    cert,
    key,
    name: 'mail.test',
    authOptional: login === undefined,
    disableReverseLookup: true,
    closeTimeout: 100,
    onConnect(_session, done) {
      connections.made++;
      connections.open++;
      done();
    },
    onClose() {
      connections.open--;
    },
    onAuth({ username, password }, _session, done) {
      const known = username === login?.username && password === login?.password;
      done(known ? null : new Refusal(535, 'these credentials are unknown here'), { user: username });
    },
    onRcptTo({ address }, _session, done) {
      done(recipient?.(address));
    },
    onData: callbackify(async (stream: SMTPServerDataStream, { envelope, secure, user }: SMTPServerSession) => {
      const mail: ReceivedMail = {
        sender: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
        recipients: envelope.rcptTo.map(({ address }) => address),
        source: await text(stream),
        secure,
        user: user as string | undefined,
      };
      const refusal = await message?.(mail);
      if (refusal !== undefined) throw refusal;
      received.push(mail);
    }),
    ...options,
  });
  // A client that disconnects, for example because it does not trust the certificate, is not a failure of the server.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(resolve)));
  const { port } = server.server.address() as AddressInfo;
  return { host: '127.0.0.1', port, received, connections };
}

export function parse(source: string | Uint8Array): Promise<Email> {
  return PostalMime.parse(source);
}
