/**
 * The options of the component. Their check finds those that cannot work before the application starts, so that
 * `asphalt check` reports them, too. It neither contacts the server nor reads the file system.
 */
import { isIPv6 } from 'node:net';

import { defineConfig } from '@asphalt/core';

import { findMalformed, mailboxesOf } from './mailbox.ts';

export const mailerOptions = defineConfig(
  {
    backend: {
      doc: 'Destination of mail: an SMTP server, a folder or memory',
      format: ['smtp', 'file', 'memory'],
      default: 'smtp',
    },
    from: { doc: 'Default sender', format: 'string' },
    to: { doc: 'Default recipients, separated by commas', format: 'string' },
    replyTo: { doc: 'Default address for replies', format: 'string' },
    folder: { doc: 'Backend "file": folder for the messages', format: 'path' },
    host: { doc: 'Backend "smtp": name or address of the mail server', format: 'string', env: 'SMTP_HOST' },
    port: { doc: 'Port of the mail server; 465, 587 or 25 by default, by `tls`', format: 'port', env: 'SMTP_PORT' },
    tls: {
      doc: 'TLS mode of the connection; derived from the port, else "starttls" with and "optional" without a login',
      format: ['implicit', 'starttls', 'optional', 'off'],
    },
    username: { doc: 'User name for the login', format: 'string', env: 'SMTP_USERNAME' },
    password: { doc: 'Password for the login', format: 'string', env: 'SMTP_PASSWORD', sensitive: true },
    timeout: {
      doc: 'Time limit for connecting and for each reply of the mail server',
      format: 'duration',
      default: '30s',
    },
    drain: {
      doc: 'Time limit for mails that are being sent when the application stops',
      format: 'duration',
      default: '5s',
    },
  },
  function* check(options) {
    const { backend, from, to, replyTo, folder, timeout } = options;
    if (from !== undefined) yield* addressFaults('from', from, 'one');
    if (to !== undefined) yield* addressFaults('to', to, 'several');
    if (replyTo !== undefined) yield* addressFaults('replyTo', replyTo, 'several');
    if (backend === 'file' && folder === undefined)
      yield {
        option: 'folder',
        message: 'is required by the backend "file"',
        help: 'set it to a folder for the messages',
      };
    if (backend === 'smtp') yield* serverFaults(options);
    if (timeout < 1) yield { option: 'timeout', message: 'must be at least 1 ms' };
  },
);

/** A problem of one option. */
interface Fault {
  readonly option: string;
  readonly message: string;
  readonly help?: string | undefined;
}

function* addressFaults(option: string, text: string, count: 'one' | 'several'): Generator<Fault> {
  const mailboxes = mailboxesOf(text);
  if (mailboxes.length === 0) yield { option, message: 'must not be empty' };
  else if (findMalformed(mailboxes) !== undefined)
    yield {
      option,
      message: 'contains a malformed address',
      help: 'write it as "name@domain" or "Display Name <name@domain>"',
    };
  else if (count === 'one' && mailboxes.length > 1)
    yield { option, message: `must be one address instead of ${mailboxes.length}` };
}

interface ServerOptions {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

function* serverFaults({ host, port, username, password }: ServerOptions): Generator<Fault> {
  if (host === undefined || host === '') {
    const help = 'set it to the name of the mail server, or use another `backend`';
    yield { option: 'host', message: 'is required by the backend "smtp"', help };
  } else if (!isHost(host)) {
    const message = 'must be only the name or address of the mail server';
    yield { option: 'host', message, help: helpForHost(host) };
  }
  if (port === 0) yield { option: 'port', message: 'must be a whole number from 1 to 65535' };
  if (username === '') yield { option: 'username', message: 'must not be empty' };
  if (password === '') yield { option: 'password', message: 'must not be empty' };
  if ((username === undefined) !== (password === undefined)) {
    const [missing, present] = username === undefined ? ['username', 'password'] : ['password', 'username'];
    const help = 'set both, or neither if the server requires no login';
    yield { option: missing, message: `is required with \`${present}\``, help };
  }
}

function isHost(text: string): boolean {
  return isIPv6(text) || /^[^\s/@:[\]]+$/.test(text);
}

/** Suggests the parts of a URL, or of a host with a port. */
function helpForHost(text: string): string | undefined {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `smtp://${text}`;
  if (!URL.canParse(url)) return undefined;
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  if (!isHost(host)) return undefined;
  return `set \`host\` to "${host}"${port === '' ? '' : ` and \`port\` to ${port}`}`;
}
