/** Handlers in a file without a component. */
import type { Context } from 'hono';
import { crunch } from './block.ts';

export async function report(c: Context): Promise<Response> {
  crunch();
  return c.text('reported');
}

/** Blocks after an `await`, so that neither the router nor the server is on the stack. */
export async function late(c: Context): Promise<Response> {
  await new Promise((resolve) => setImmediate(resolve));
  crunch();
  return c.text('reported late');
}

export async function guard(_: Context, next: () => Promise<void>): Promise<void> {
  crunch();
  await next();
}

export function afterAwait(c: Context): Response {
  crunch();
  return c.text('unknown component');
}

/** Creates handlers, so that all of them are at the same place. */
export function shared(text: string): (c: Context) => Response {
  return (c) => {
    crunch();
    return c.text(text);
  };
}

export const chat = {
  message(): void {
    crunch();
  },
};
