import { AsphaltError } from '@asphalt/core';

/** Raised when another program listens on the server's port. */
export class PortTakenError extends AsphaltError {
  readonly code = 'ERR_ECHO_PORT_TAKEN';

  constructor(
    readonly port: number,
    cause: unknown,
  ) {
    super(
      {
        summary: `Port ${port} is already in use`,
        help: ['stop the other program', 'choose a free port: --set component.port=0'],
      },
      { cause },
    );
  }
}
