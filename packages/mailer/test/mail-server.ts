/** A real SMTP server on a free port, which keeps what it takes and refuses what a test tells it to. */
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
  /** How many clients have connected, and how many of them are still there. */
  readonly connections: { readonly made: number; readonly open: number };
}

/** What the server answers in place of "yes". */
export class Refusal extends Error {
  constructor(
    readonly responseCode: number,
    message: string,
  ) {
    super(message);
  }
}

export interface MailServerBehaviour extends SMTPServerOptions {
  /** The one login that is accepted; without it, none is asked for. */
  readonly login?: { readonly username: string; readonly password: string };
  readonly recipient?: (address: string) => Refusal | undefined;
  /** Runs when a message has come in and before the server answers. */
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
  // A client that hangs up, as those do that distrust the certificate, is no failure of the server.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(resolve)));
  const { port } = server.server.address() as AddressInfo;
  return { host: '127.0.0.1', port, received, connections };
}

export function parse(source: string | Uint8Array): Promise<Email> {
  return PostalMime.parse(source);
}
