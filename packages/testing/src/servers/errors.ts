import { AsphaltError } from '@asphalt/core';

/** What a test can do with a server. */
export type ServerState = 'running' | 'frozen' | 'down' | 'stopped';

/** Thrown when the program of a server is not installed. */
export class ServerMissingError extends AsphaltError {
  readonly code = 'ERR_TEST_SERVER_MISSING';
  /** Commands and settings that fix it. */
  readonly fixes: readonly string[];

  constructor(
    readonly server: string,
    readonly program: string,
    readonly debianPackage: string,
    readonly variable: string,
  ) {
    const fixes = [`apt-get install ${debianPackage}`, `set ${variable} to the URL of a server`];
    super({
      summary: `A test needs ${server}, and the program \`${program}\` is not installed`,
      help: fixes,
    });
    this.fixes = fixes;
  }
}

/** Thrown when a server does not start. */
export class ServerStartError extends AsphaltError {
  readonly code = 'ERR_TEST_SERVER_START';

  constructor(
    readonly server: string,
    problem: string,
    readonly output: string,
  ) {
    super({
      summary: `The server ${server} did not start: ${problem}`,
      details: [['output', output.trimEnd().split('\n').slice(-10).join('\n') || undefined]],
    });
  }
}

/** Thrown when a test calls a method that the state of a server does not permit. */
export class ServerStateError extends AsphaltError {
  readonly code = 'ERR_TEST_SERVER_STATE';

  constructor(
    readonly server: string,
    readonly operation: string,
    readonly state: ServerState,
  ) {
    super({
      summary: `Cannot ${operation} the server ${server}: it is ${state}`,
      help: helpFor[state],
    });
  }
}

const helpFor: Record<ServerState, string | undefined> = {
  running: undefined,
  frozen: 'call thaw() first',
  down: 'call start() first',
  stopped: 'start another server; a stopped one has lost its data',
};
