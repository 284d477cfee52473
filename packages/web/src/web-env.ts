import type { Context } from '@asphalt/core';
import type { HttpBindings } from '@hono/node-server';

/** What hono's `c` carries in handlers; give it to routers of your own: `new Hono<WebEnv>()`. */
export interface WebEnv {
  Variables: {
    /**
     * The request's own context. Opened when it is first asked for, closed when its answer is ready, or after the last
     * byte of a streamed one.
     */
    context: Context;
  };
  Bindings: HttpBindings;
}
