import { AsphaltError } from '@asphalt/core';
import type { LaterStatus } from './order.ts';

/** Thrown when an order does not have the status from which it could reach another one. */
export class OrderStatusError extends AsphaltError {
  readonly code = 'ERR_ORDER_STATUS';

  constructor(
    readonly order: string,
    readonly expected: string,
    readonly next: LaterStatus,
  ) {
    super({
      summary: `Order ${order} cannot become \`${next}\`: it is not \`${expected}\``,
      help: 'read the order again; another process has changed it',
    });
  }
}

/** Thrown when the charge service did not decide about a charge. The same request can be repeated. */
export class ChargeServiceError extends AsphaltError {
  readonly code = 'ERR_CHARGE_SERVICE';

  constructor(
    readonly order: string,
    /** The reason in one line: "responded with 503". */
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(
      { summary: `The charge service ${reason} to a request for order ${order}`, help: 'repeat the request' },
      options,
    );
  }
}
