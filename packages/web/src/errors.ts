import { inspect } from 'node:util';
import { AsphaltError, type Key } from '@asphalt/core';
import { keyText, providerHint, type Explanation } from '@asphalt/core/errors';

/** Raised when the server cannot listen at its address; `cause` is the system's error. */
export class ListenError extends AsphaltError {
  readonly code = 'ERR_WEB_LISTEN';

  /**
   * @param setting - the path of the component's options in the configuration, such as `component.components.web`
   * @param otherPort - a port to suggest; 0 lets the system choose one
   */
  constructor(
    readonly host: string,
    readonly port: number,
    setting: string,
    cause: NodeJS.ErrnoException,
    otherPort = 0,
  ) {
    super(explainListen(host, port, cause, { setting, otherPort }), { cause });
  }
}

function explainListen(
  host: string,
  port: number,
  cause: NodeJS.ErrnoException,
  { setting, otherPort }: { readonly setting: string; readonly otherPort: number },
): Explanation {
  const elsewhere = `choose ${otherPort === 0 ? 'any free' : 'another'} port: --set ${setting}.port=${otherPort}`;
  switch (cause.code) {
    case 'EADDRINUSE':
      return {
        summary: `Port ${port} on ${host} is already in use`,
        help: ['stop the other program', elsewhere],
      };
    case 'EACCES':
      return {
        summary: `Not permitted to listen on port ${port} of ${host}`,
        details: [['note', port < 1024 ? 'ports below 1024 are often reserved for the administrator' : undefined]],
        help: elsewhere,
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

/** Raised for a request whose handler returned no response. */
export class NoResponseError extends AsphaltError {
  readonly code = 'ERR_WEB_NO_ANSWER';

  /** @param result - the value that the handler returned in place of a response */
  constructor(
    readonly request: string,
    result?: unknown,
  ) {
    super({
      summary: `The handler of ${request} returned no response`,
      details: [['got', result === undefined ? undefined : inspect(result, { depth: 0, maxStringLength: 40 })]],
      help: ["return one from the handler: return c.text('done')", 'await next() in the middleware'],
    });
  }
}

/** The cause of a 413: a request body exceeds the limit of its route. */
export class BodyLimitError extends AsphaltError {
  readonly code = 'ERR_WEB_BODY_LIMIT';

  constructor(readonly limit: number) {
    super({
      summary: `The request body exceeds the limit of ${limit} bytes`,
      help: ["raise it for the route: web.post(path, bodyLimit('200MB'), handler)", 'raise the option bodyLimit'],
    });
  }
}

/** The cause of a 400: a request body is not what its handler reads it as. */
export class MalformedBodyError extends AsphaltError {
  readonly code = 'ERR_WEB_MALFORMED_BODY';

  constructor(request: string, cause: Error) {
    super({ summary: `The body of ${request} is malformed`, details: [['got', cause.message]] }, { cause });
  }
}

/** Ends the context of a streamed response whose client accepts no data, so that its work is undone. */
export class ClientStalledError extends AsphaltError {
  readonly code = 'ERR_WEB_CLIENT_STALLED';

  constructor(
    readonly request: string,
    readonly limitMs: number,
  ) {
    super({
      summary: `${request} was cut off: its client accepted no data for ${limitMs / 1000} s`,
      help: ['read the data first, and stream it from a route without a context', 'raise the option stallTimeout'],
    });
  }
}

/** Raised when the order of two handlers would depend on which component starts first. */
export class RouteOrderError extends AsphaltError {
  readonly code = 'ERR_WEB_ROUTE_ORDER';
  /** The handlers of each pair, sorted, because their order in time is not known in advance. */
  readonly undecided: ReadonlyArray<readonly [string, string]>;

  constructor(undecided: ReadonlyArray<readonly [string, string]>) {
    const sorted = undecided
      .map((pair) => pair.toSorted(compareText) as [string, string])
      .toSorted((a, b) => compareText(a.join(), b.join()));
    super({
      summary: 'The order of two handlers is undefined',
      details: [
        ...sorted.flatMap(([one, other]): Array<[string, string]> => [
          ['one', one],
          ['the other', other],
        ]),
        ['note', 'components start concurrently, and the component of a call after an `await` is unknown'],
      ],
      help: [
        'add both before the first `await` of a hook: components then run in the order of declaration',
        'add both in one call, in the order in which they are to run: web.use(path, first, second)',
        'add them to one application or one `const api = web.basePath(path)`, which keep the order of their calls',
        'choose a stage: web.stage(-1) runs before the others, web.stage(1) after them',
      ],
    });
    this.undecided = sorted;
  }
}

/** A key that a route requires. */
export interface RouteNeed {
  /** The method and the path. */
  readonly route: string;
  readonly key: Key;
}

/** Raised before the server listens if routes require resources that the application does not provide. */
export class RouteNeedsError extends AsphaltError {
  readonly code = 'ERR_WEB_NEEDS';
  /** Sorted by route. */
  readonly missing: readonly RouteNeed[];

  constructor(missing: readonly RouteNeed[]) {
    const sorted = missing.toSorted(
      (a, b) => compareText(a.route, b.route) || compareText(keyText(a.key), keyText(b.key)),
    );
    const homes = new Set(sorted.map(({ key: { id } }) => providerHint(id)).filter((home) => home !== undefined));
    super({
      summary: 'Routes need resources that no component provides',
      details: sorted.map(({ route, key }) => ['route', `${route} needs \`${keyText(key)}\``]),
      help: [
        ...Array.from(homes, (home) => `add ${home} to \`components\``),
        'add a component with a @provides() method for each of them',
        'pass the result of needs() to @component({ lookups }), so that `asphalt check` reports each key with a fix',
        "declare a key that a middleware adds to the context: @provides(Key, { scope: 'context' }) on its component",
        'make a key that code publishes later optional: needs({ value: { id: Key, optional: true } })',
      ],
    });
    this.missing = sorted;
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Raised for a route that is added after the server has started to listen, or after the first request. */
export class LateRouteError extends AsphaltError {
  readonly code = 'ERR_WEB_ROUTE_LATE';

  constructor(
    readonly method: string,
    readonly path: string,
  ) {
    super({
      summary: `Cannot add ${method === 'ALL' ? 'a handler for' : method} ${path}: requests are handled already`,
      help: 'add routes and middleware in `start()`, which runs before the server listens',
    });
  }
}

/** Raised before the server listens if a route has the path of a health endpoint, which would hide it. */
export class HealthPathError extends AsphaltError {
  readonly code = 'ERR_WEB_HEALTH_PATH';

  /** @param route - the method and the path */
  constructor(readonly route: string) {
    super({
      summary: `Route ${route} has the path of a health endpoint`,
      help: [
        'remove the route, and declare its checks with @health() on components',
        "move the endpoint: `health: { ready: '/other' }`, or give the endpoints a port of their own: `health.port`",
        "switch the endpoint off with an empty path: `health: { ready: '', live: '' }`",
      ],
    });
  }
}

/** Raised by `requestContext()`, `requestId()` and others for a request that has no context. */
export class RequestContextError extends AsphaltError {
  readonly code = 'ERR_WEB_NO_CONTEXT';

  /**
   * @param reason - `ended`: its response was returned before; `foreign`: it was not sent to a `WebApp`
   * @param operation - the call that failed
   */
  constructor(
    readonly request: string,
    readonly reason: 'ended' | 'foreign',
    operation = 'open the context',
  ) {
    super(
      reason === 'ended'
        ? {
            summary: `Cannot open the context of ${request}: its response was returned before`,
            help: 'call requestContext(c) before the handler returns the response',
          }
        : {
            summary: `Cannot ${operation} of ${request}: the request was not sent to a WebApp`,
            help: 'send it to the fetch of the WebApp, or pass c.executionCtx to the fetch of the other application',
          },
    );
  }
}

/** Ends the context of a request that was still running at the stop limit, so that its work is undone. */
export class RequestCutOffError extends AsphaltError {
  readonly code = 'ERR_WEB_REQUEST_CUT_OFF';

  constructor(
    readonly request: string,
    readonly limitMs: number,
  ) {
    super({
      summary: `${request} was cut off: it did not end within ${limitMs / 1000} s after the server started to stop`,
      help: ['raise the option shutdownTimeout', 'end long responses when the signal WebApp#stopping aborts'],
    });
  }
}
