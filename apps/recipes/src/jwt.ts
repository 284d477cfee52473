/** Verifies the bearer tokens of an OpenID Connect issuer, and publishes the user of each request. */
import { component, Component, defineConfig, inject, provides } from '@asphalt/core';
import { problem, requestContext, WebApp } from '@asphalt/web';
import type { MiddlewareHandler } from 'hono';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { z } from 'zod';

/** The sender of a request. */
export class User {
  constructor(
    readonly id: string,
    readonly scopes: ReadonlySet<string>,
  ) {}
}

/** Returns the user of a token, or undefined if the token is not valid. */
export abstract class TokenVerifier {
  abstract verify(token: string): Promise<User | undefined>;
}

const discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });
const claims = z.object({ sub: z.string(), scope: z.string().default('') });

/** The codes of errors of the issuer, such as a missing response. They are not the fault of the token. */
const issuerErrors: ReadonlySet<string> = new Set(['ERR_JOSE_GENERIC', 'ERR_JWKS_INVALID', 'ERR_JWKS_TIMEOUT']);

const options = defineConfig({
  issuer: { doc: 'URL of the issuer', format: 'url', required: true, env: 'OIDC_ISSUER' },
  audience: { doc: 'Name of this API at the issuer', format: 'string', required: true },
  path: { doc: 'Routes that need a token', format: 'string', default: '/api/*' },
});

@component({ config: options, description: 'Verifies the bearer tokens of requests' })
@provides(User, { scope: 'context' })
export class LoginComponent extends Component<typeof options> {
  @provides(TokenVerifier)
  async verifier(abort: AbortSignal): Promise<TokenVerifier> {
    const url = `${this.config.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const { issuer, jwks_uri: jwksUri } = discovery.parse(await (await fetch(url, { signal: abort })).json());
    // Fetches the keys at the first request, and again when a token names an unknown one.
    const keys = createRemoteJWKSet(new URL(jwksUri));
    const { audience } = this.config;
    return {
      async verify(token) {
        try {
          const { payload } = await jwtVerify(token, keys, { issuer, audience, requiredClaims: ['exp'] });
          const { sub, scope } = claims.parse(payload);
          return new User(sub, new Set(scope.split(' ')));
        } catch (error) {
          const isOfToken = error instanceof errors.JOSEError && !issuerErrors.has(error.code);
          if (isOfToken || error instanceof z.ZodError) return undefined;
          throw error;
        }
      },
    };
  }

  override start(@inject(WebApp) web: WebApp, @inject(TokenVerifier) verifier: TokenVerifier): void {
    web.use(this.config.path, async (c, next) => {
      const [, token] = /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '') ?? [];
      const user = token === undefined ? undefined : await verifier.verify(token);
      if (user === undefined) {
        const error = token === undefined ? '' : ' error="invalid_token"';
        c.header('www-authenticate', `Bearer${error}`);
        return problem(c, { status: 401, detail: 'A valid token is required' });
      }
      requestContext(c).addResource(User, user);
      await next();
    });
  }
}

/** Lets only users with a scope pass. */
export function requireScope(scope: string): MiddlewareHandler {
  return async (c, next) => {
    const user = await requestContext(c).getResource(User);
    if (!user.scopes.has(scope)) return problem(c, { status: 403, detail: `The scope ${scope} is required` });
    await next();
  };
}
