import { AsphaltError } from '@asphalt/core';
import type { Explanation } from '@asphalt/core/errors';

/** Raised when the server cannot listen on its unix socket; `cause` is the system's error. */
export class SocketError extends AsphaltError {
  readonly code = 'ERR_WEB_SOCKET';

  /** @param setting - the path of the component's options in the configuration */
  constructor(
    readonly path: string,
    setting: string,
    cause: NodeJS.ErrnoException,
  ) {
    super(explainSocket(path, setting, cause), { cause });
  }
}

function explainSocket(path: string, setting: string, { code, message }: NodeJS.ErrnoException): Explanation {
  const elsewhere = `choose another path: --set ${setting}.socket=<path>`;
  switch (code) {
    case 'EADDRINUSE':
      return {
        summary: `Another process listens on the socket ${path}, or the file is no socket`,
        help: ['stop the other program', elsewhere],
      };
    case 'EACCES':
      // libuv reports a missing folder like this, too.
      return {
        summary: `The folder of the socket ${path} does not exist, or it is not writable`,
        help: ['create it for the user of this process', elsewhere],
      };
    default:
      return { summary: `Cannot listen on the socket ${path}`, details: [['got', message]], help: elsewhere };
  }
}

/** Raised at the start if the certificate or the key of the server cannot be used; later, logged instead. */
export class TlsError extends AsphaltError {
  readonly code = 'ERR_WEB_TLS';

  /**
   * @param option - the path of the option in the configuration, such as `component.components.web.tls.key`
   * @param file - the file that the option names
   */
  constructor(
    readonly option: string,
    readonly file: string,
    fault: string,
    cause?: unknown,
  ) {
    super(
      {
        summary: `The file of \`${option}\` ${fault}`,
        details: [
          ['from', file],
          ['got', cause instanceof Error ? cause.message : undefined],
        ],
        help: [
          'use files in the PEM format: the certificate with its intermediate ones, and its key',
          'permit the user of this process to read them',
          'set `tls.passphrase` if the key is encrypted',
        ],
      },
      { cause },
    );
  }
}
