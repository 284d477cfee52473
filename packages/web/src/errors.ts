import { AsphaltError, type Explanation } from '@asphalt/core';

/** Raised when the server cannot listen where it was told to; `cause` is the system's error. */
export class ListenError extends AsphaltError {
  readonly code = 'ERR_WEB_LISTEN';

  /**
   * @param setting - where the component's options stand in the configuration, such as `component.components.web`
   */
  constructor(
    readonly host: string,
    readonly port: number,
    setting: string,
    cause: NodeJS.ErrnoException,
  ) {
    super(explainListen(host, port, setting, cause), { cause });
  }
}

function explainListen(host: string, port: number, setting: string, cause: NodeJS.ErrnoException): Explanation {
  const elsewhere = `another port: --set ${setting}.port=${port < 65_535 ? port + 1 : 0}`;
  switch (cause.code) {
    case 'EADDRINUSE':
      return {
        summary: `Port ${port} on ${host} is already in use`,
        help: ['stop the other program', `choose ${elsewhere}`],
      };
    case 'EACCES':
      return {
        summary: `Not permitted to listen on port ${port} of ${host}`,
        details: [['note', port < 1024 ? 'ports below 1024 are often reserved for the administrator' : undefined]],
        help: `choose ${port < 1024 ? `another port: --set ${setting}.port=${8000 + port}` : elsewhere}`,
      };
    case 'EADDRNOTAVAIL':
      return {
        summary: `${host} is not an address of this machine`,
        help: `listen on all addresses (--set ${setting}.host=0.0.0.0) or on one that this machine has`,
      };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        summary: `Host name "${host}" has no known address`,
        help: `give the address itself: --set ${setting}.host=127.0.0.1`,
      };
    default:
      return { summary: `Cannot listen on port ${port} of ${host}`, details: [['got', cause.message]] };
  }
}

/** Raised for a request whose handler ended without an answer. */
export class NoAnswerError extends AsphaltError {
  readonly code = 'ERR_WEB_NO_ANSWER';

  constructor(readonly request: string) {
    super({
      summary: `The handler of ${request} returned no answer`,
      help: ["return one from the handler: return c.text('done')", 'await next() in the middleware'],
    });
  }
}

/** Ends the context of a request that was still running when the time to stop was over, so its work is undone. */
export class RequestCutOffError extends AsphaltError {
  readonly code = 'ERR_WEB_REQUEST_CUT_OFF';

  constructor(
    readonly request: string,
    readonly limitMs: number,
  ) {
    super({
      summary: `${request} was cut off: it did not end within ${limitMs / 1000} s after the server was told to stop`,
      help: ['raise the option shutdownTimeout', 'end long answers when the signal WebApp#stopping aborts'],
    });
  }
}
