import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { Bell } from '../src/bell.ts';

/** A response to a whole message: an SMTP status such as 451, or none at all. */
export type MailReply = number | 'hang';

/** A real local SMTP server whose responses a test can change at any time. */
export class MailServer {
  /** The next responses, in order. After the last one, messages are accepted. */
  replies: MailReply[] = [];
  /** Messages whose data arrived, accepted or not. */
  readonly attempts: Email[] = [];
  readonly accepted: Email[] = [];
  readonly #bell = new Bell();
  readonly #server: SMTPServer;
  port = 0;

  private constructor() {
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      disableReverseLookup: true,
      closeTimeout: 100,
      onData: (stream, _session, done) => {
        const receive = async (): Promise<void> => {
          const mail = await PostalMime.parse(await text(stream));
          this.attempts.push(mail);
          const reply = this.replies.shift();
          if (reply === undefined) this.accepted.push(mail);
          this.#bell.ring();
          if (reply === 'hang') return;
          done(reply === undefined ? null : Object.assign(new Error('no'), { responseCode: reply }));
        };
        receive().catch(done);
      },
    });
    // A client that is killed resets its connection.
    this.#server.on('error', () => undefined);
  }

  static async open(port = 0): Promise<MailServer> {
    const server = new MailServer();
    await new Promise<void>((resolve) => server.#server.listen(port, '127.0.0.1', resolve));
    server.port = (server.#server.server.address() as AddressInfo).port;
    return server;
  }

  /** Waits until `count` messages have arrived, accepted or not. */
  async untilAttempts(count: number): Promise<readonly Email[]> {
    while (this.attempts.length < count) await this.#bell.rung(60_000);
    return this.attempts;
  }

  /** Waits until `count` messages have been accepted. */
  async untilAccepted(count: number): Promise<readonly Email[]> {
    while (this.accepted.length < count) await this.#bell.rung(60_000);
    return this.accepted;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
