import { setTimeout as sleep } from 'node:timers/promises';
import { child, Component, component, defineConfig, inject } from '@asphalt/core';
import { problem, WebApp, WebComponent } from '@asphalt/web';
import { validated } from '@asphalt/web/validation';
import * as v from 'valibot';

const options = defineConfig({
  host: { doc: 'Address to listen on', format: 'string', default: '127.0.0.1' },
  port: { doc: 'Port to listen on', format: 'port', default: 8001 },
  limit: { doc: 'Largest amount in cents that is not declined', format: 'int', default: 50_000 },
  delay: { doc: 'Time that a charge takes', format: 'duration', default: '1s' },
});

const chargeSchema = v.object({ order: v.pipe(v.string(), v.uuid()), amount: v.pipe(v.number(), v.integer()) });

/** A charge service without money, for use without a network. It keeps its decisions in memory. */
@component({
  config: options,
  components: ({ host, port }) => ({ 'web/charges': child(WebComponent, { host, port }) }),
  description: 'A charge service without money',
})
export class DemoCharges extends Component<typeof options> {
  readonly #decisions = new Map<string, 'charged' | 'declined' | 'cancelled'>();

  override start(@inject(WebApp, 'charges') app: WebApp): void {
    app.post('/charges', validated('json', chargeSchema), async (c) => {
      const { order, amount } = c.req.valid('json');
      if (!this.#decisions.has(order)) await sleep(this.config.delay);
      const decision = this.#decisions.get(order) ?? (amount > this.config.limit ? 'declined' : 'charged');
      this.#decisions.set(order, decision);
      if (decision === 'charged') return c.json({ order, amount }, 201);
      if (decision === 'declined') return problem(c, { status: 402, detail: 'The amount exceeds the limit' });
      return problem(c, { status: 409, detail: 'The charge was cancelled' });
    });

    app.delete('/charges/:order', (c) => {
      const order = c.req.param('order');
      if (this.#decisions.get(order) === 'charged') return problem(c, { status: 409, detail: 'The order was charged' });
      this.#decisions.set(order, 'cancelled');
      return c.body(null, 204);
    });
  }
}
