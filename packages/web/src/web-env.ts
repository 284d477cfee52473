import type { HttpBindings } from '@hono/node-server';

/** The environment of hono's `c` in handlers; pass it to routers of your own: `new Hono<WebEnv>()`. */
export interface WebEnv {
  Bindings: HttpBindings;
}
