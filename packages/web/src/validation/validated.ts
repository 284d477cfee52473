/**
 * Validation of requests with any Standard Schema. hono-openapi provides the middleware and the data for the document; this
 * file decides what a client receives if a request does not match.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Context as HonoContext, Env, Input, MiddlewareHandler, ValidationTargets } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { InferInput } from 'hono/validator';
import { uniqueSymbol, validator } from 'hono-openapi';
import { MalformedBodyError } from '../errors.ts';
import { problemResponse } from '../request/problem.ts';
import { RequestScope } from '../request/request-scope.ts';
import { textOf } from '../status-text.ts';
import { ValidationError } from './errors.ts';
import { issuesOf } from './issues.ts';

/** The types of bodies that a target is read from. */
const bodyTypes: Readonly<Record<string, { readonly pattern: RegExp; readonly expected: string }>> = {
  json: { pattern: /^application\/([\w.-]+\+)?json *(;|$)/i, expected: 'application/json' },
  form: {
    pattern: /^(multipart\/form-data|application\/x-www-form-urlencoded) *(;|$)/i,
    expected: 'multipart/form-data or application/x-www-form-urlencoded',
  },
};

/** The types of `c.req.valid(target)` and of hono's client, for the input and the output of a schema. */
export interface ValidatedInput<Target extends keyof ValidationTargets, In, Out> extends Input {
  in: undefined extends In
    ? { [K in Target]?: [In] extends [ValidationTargets[K]] ? In : InferInput<In, K> }
    : { [K in Target]: [In] extends [ValidationTargets[K]] ? In : InferInput<In, K> };
  out: { [K in Target]: Out };
}

/**
 * Creates a middleware that validates a part of the request. Handlers read the result with `c.req.valid(target)`. If the part
 * does not match, the response is a 400 with the path and the message of each problem, and without the values.
 *
 * @param target - `json`, `form`, `query`, `param`, `header` or `cookie`
 * @param schema - of zod, valibot, arktype or any other library with Standard Schema
 * @param options - `media`, the type of the body in the OpenAPI document
 * @throws {@link ValidationError} as the cause of hono's `HTTPException`, which an `onError` receives
 * @example
 * web.post('/orders', validated('json', z.object({ item: z.string() })), (c) => c.text(c.req.valid('json').item));
 */
export function validated<
  Schema extends StandardSchemaV1,
  Target extends keyof ValidationTargets,
  E extends Env,
  P extends string,
  V extends Input = ValidatedInput<Target, StandardSchemaV1.InferInput<Schema>, StandardSchemaV1.InferOutput<Schema>>,
>(target: Target, schema: Schema, options?: { readonly media?: string }): MiddlewareHandler<E, P, V> {
  const middleware = validator(
    target,
    schema,
    (result, c) => {
      if (!result.success) throw invalid(c, target, result.error, result.data);
    },
    options,
  ) as MiddlewareHandler & { readonly [uniqueSymbol]: unknown };
  const checked: MiddlewareHandler = async (c, next) => {
    checkBodyType(c, target);
    let hasPassed = false;
    try {
      return await middleware(c, () => {
        hasPassed = true;
        return next();
      });
    } catch (error) {
      throw hasPassed ? error : await failureOf(error, c);
    }
  };
  return Object.assign(checked, { [uniqueSymbol]: middleware[uniqueSymbol] }) as unknown as MiddlewareHandler<E, P, V>;
}

/** hono would validate an empty object in place of a body of another type. */
function checkBodyType(c: HonoContext, target: keyof ValidationTargets): void {
  const types = bodyTypes[target];
  if (types === undefined || types.pattern.test(c.req.header('content-type') ?? '') || c.req.raw.body === null) return;
  throw new HTTPException(415, { message: `Expected a body of type ${types.expected}` });
}

/** Returns the error of a request that hono could not read. hono reports all of them as malformed. */
async function failureOf(error: unknown, c: HonoContext): Promise<unknown> {
  if (!(error instanceof HTTPException) || error.cause !== undefined) return error;
  try {
    // Fails if the body exceeds its limit, or the client left.
    await Promise.all(Object.values(c.req.bodyCache));
  } catch (readError) {
    return readError;
  }
  const cause = new MalformedBodyError(`${c.req.method} ${c.req.path}`, error);
  return new HTTPException(400, { message: textOf(400), cause });
}

function invalid(
  c: HonoContext,
  target: string,
  found: readonly StandardSchemaV1.Issue[],
  value: unknown,
): HTTPException {
  const { path, method } = c.req;
  const issues = issuesOf(found, value);
  const detail = `The ${target} of the request has ${found.length} ${found.length === 1 ? 'problem' : 'problems'}`;
  const res = problemResponse(
    { status: 400, detail, errors: issues.map((issue) => ({ in: target, ...issue })) },
    { path, requestId: RequestScope.find(c)?.knownId },
  );
  const cause = new ValidationError(`${method} ${path}`, target, issues, found.length);
  return new HTTPException(400, { message: textOf(400), res, cause });
}
