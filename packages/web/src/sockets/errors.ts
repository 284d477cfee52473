import { AsphaltError } from '@asphalt/core';

/** The cause of a 403: a page of another origin wants to open a WebSocket. */
export class SocketOriginError extends AsphaltError {
  readonly code = 'ERR_WEB_SOCKET_ORIGIN';

  constructor(
    readonly request: string,
    readonly origin: string,
  ) {
    super({
      summary: `Refused the WebSocket ${request} for a page of another origin`,
      details: [['got', origin]],
      help: [`accept it: webSocket(handlers, { origins: [${JSON.stringify(origin)}] })`],
    });
  }
}

/** Raised for a WebSocket whose request did not arrive at the server of a `WebComponent`. */
export class SocketServerError extends AsphaltError {
  readonly code = 'ERR_WEB_SOCKET_SERVER';

  constructor(readonly request: string) {
    super({
      summary: `Cannot open the WebSocket ${request}: the request did not arrive at the server of a WebComponent`,
      help: 'connect a client to WebApp#url, also in tests',
    });
  }
}

/** Logged when a connection is closed because its client reads too slowly. */
export class SlowClientError extends AsphaltError {
  readonly code = 'ERR_WEB_CLIENT_SLOW';

  /**
   * @param behind - the amount of data that waits for the client, such as `1000000 bytes`
   * @param help - the ways to accept slower clients
   */
  constructor(
    readonly request: string,
    readonly behind: string,
    help: readonly string[],
  ) {
    super({ summary: `${request} was disconnected: its client is ${behind} behind`, help: [...help] });
  }
}
