import type { Env, Hono, MiddlewareHandler, Schema } from 'hono';
import { openAPIRouteHandler, type GenerateSpecOptions } from 'hono-openapi';

/** The body of a response to a request that does not match a schema. */
const invalidRequest = {
  description: 'The request does not match its schema',
  content: {
    'application/problem+json': {
      schema: {
        type: 'object',
        properties: {
          type: { type: 'string' },
          title: { type: 'string' },
          status: { type: 'integer' },
          detail: { type: 'string' },
          instance: { type: 'string' },
          requestId: { type: 'string' },
          errors: {
            type: 'array',
            items: {
              type: 'object',
              properties: { in: { type: 'string' }, path: { type: 'string' }, message: { type: 'string' } },
              required: ['in', 'path', 'message'],
            },
          },
        },
        required: ['type', 'title', 'status', 'errors'],
      },
    },
  },
} as const satisfies GenerateSpecOptions['defaultValidationErrorResponse'];

/**
 * Creates a handler that responds with the OpenAPI document of all routes that are validated or described with
 * `describeRoute()` of hono-openapi. The document is created at the first request.
 *
 * @param documentation - `info`, `servers`, `components` and other parts of the document
 * @param options - further options of hono-openapi, such as `exclude`
 * @example
 * web.get('/openapi.json', openApi(web, { info: { title: 'Orders', version: '1.0.0' } }));
 */
export function openApi<E extends Env, S extends Schema, P extends string>(
  app: Hono<E, S, P>,
  documentation: GenerateSpecOptions['documentation'],
  options: Partial<Omit<GenerateSpecOptions, 'documentation'>> = {},
): MiddlewareHandler {
  return openAPIRouteHandler(app, { defaultValidationErrorResponse: invalidRequest, ...options, documentation });
}
