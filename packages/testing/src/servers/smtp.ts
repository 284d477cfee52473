import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { loopback } from './ports.ts';
import { urlWith, WiredServer } from './start-server.ts';
import { TestServer, type Backend } from './test-server.ts';
import { Wire } from './wire.ts';

/** A mail that a server has accepted. */
export interface AcceptedMail {
  readonly sender: string;
  readonly recipients: readonly string[];
  /** Headers and body. */
  readonly source: string;
}

export interface SmtpServerOptions {
  /** The only login that the server accepts. By default, it requires none. */
  readonly login?: { readonly username: string; readonly password: string };
}

/** A mail server that stores all mails. */
export class SmtpServer extends TestServer {
  readonly mails: readonly AcceptedMail[];

  constructor(url: string, backend: Backend, wire: Wire, mails: readonly AcceptedMail[]) {
    super('smtp', url, backend, wire);
    this.mails = mails;
  }
}

/** Starts a mail server in this process. */
export async function smtpServer({ login }: SmtpServerOptions = {}): Promise<SmtpServer> {
  const { SMTPServer } = await import('smtp-server');
  const mails: AcceptedMail[] = [];
  const server = new SMTPServer({
    authOptional: login === undefined,
    // The wire has no certificate.
    hideSTARTTLS: true,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    closeTimeout: 100,
    onAuth({ username, password }, _session, done) {
      const isKnown = username === login?.username && password === login?.password;
      done(isKnown ? null : Object.assign(new Error('unknown login'), { responseCode: 535 }), { user: username });
    },
    onData(stream, { envelope: { mailFrom, rcptTo } }, done) {
      const store = (source: string): void => {
        const sender = mailFrom === false ? '' : mailFrom.address;
        mails.push({ sender, recipients: rcptTo.map(({ address }) => address), source });
        done();
      };
      text(stream).then(store, done);
    },
  });
  // A client that disconnects is not a failure of the server.
  server.on('error', () => undefined);
  server.listen(0, loopback);
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  const backend = new WiredServer(
    { host: loopback, port },
    () => new Promise((resolve) => server.close(() => resolve())),
  );
  const wire = await Wire.open(await backend.start());
  return new SmtpServer(urlWith('smtp', login?.username ?? '', login?.password), backend, wire, mails);
}
