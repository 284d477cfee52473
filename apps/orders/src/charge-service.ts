/** The client of the charge service, which decides once about each order: it charges it, declines it or cancels it. */
import { Component, component, defineConfig, provides } from '@asphalt/core';
import { ChargeServiceError } from './order-errors.ts';
import { currency, type Order } from './order.ts';

const options = defineConfig({
  url: { doc: 'URL of the charge service', format: 'url', required: true, env: 'CHARGES_URL' },
  timeout: { doc: 'Time limit for a response', format: 'duration', default: '5s' },
});

export type ChargeOutcome = 'charged' | 'declined' | 'cancelled';

const outcomes: Readonly<Record<number, ChargeOutcome>> = {
  200: 'charged',
  201: 'charged',
  402: 'declined',
  409: 'cancelled',
};

export class ChargeService {
  readonly #url: string;
  readonly #timeoutMs: number;

  constructor(url: string, timeoutMs: number) {
    this.#url = url.replace(/\/$/, '');
    this.#timeoutMs = timeoutMs;
  }

  /** Charges an order. The service handles a repeated request once, because the key of the request is the order's id. */
  async charge({ id, email, total }: Order, abort: AbortSignal): Promise<ChargeOutcome> {
    const status = await this.#request(id, '/charges', abort, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': id },
      body: JSON.stringify({ order: id, email, amount: total, currency }),
    });
    const outcome = outcomes[status];
    if (outcome === undefined) throw new ChargeServiceError(id, `responded with ${status}`);
    return outcome;
  }

  /** Cancels the charge of an order, so that later requests for it have no effect. @returns false if it was charged before */
  async cancel(id: string, abort: AbortSignal): Promise<boolean> {
    const status = await this.#request(id, `/charges/${id}`, abort, { method: 'DELETE' });
    if (status !== 204 && status !== 409) throw new ChargeServiceError(id, `responded with ${status}`);
    return status === 204;
  }

  async #request(order: string, path: string, abort: AbortSignal, init: RequestInit): Promise<number> {
    const signal = AbortSignal.any([abort, AbortSignal.timeout(this.#timeoutMs)]);
    try {
      const response = await fetch(`${this.#url}${path}`, { ...init, signal });
      // A body that is not read occupies its connection.
      await response.body?.cancel();
      return response.status;
    } catch (error) {
      throw new ChargeServiceError(order, 'did not respond', { cause: error });
    }
  }
}

/** Provides the client of the charge service. */
@component({ config: options, description: 'The client of the charge service' })
export class ChargeServiceComponent extends Component<typeof options> {
  @provides(ChargeService)
  service(): ChargeService {
    return new ChargeService(this.config.url, this.config.timeout);
  }
}
