import { Component, component, inject } from '@asphalt/core';
import { needs, WebApp } from '@asphalt/web';
import { httpServer } from '@asphalt/testing/servers';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { beforeAll, afterAll, describe, expect, test, type TestContext } from 'vitest';
import { LoginComponent, requireScope, User } from '../src/jwt.ts';
import { serve, type Served } from './serve.ts';

const userNeeds = needs({ user: User });

@component({ lookups: [userNeeds] })
class Orders extends Component {
  override start(@inject(WebApp) web: WebApp): void {
    web.get('/', (c) => c.text('welcome'));
    web.get('/api/me', userNeeds, (c) => c.text(c.var.user.id));
    web.post('/api/orders', requireScope('orders:write'), (c) => c.text('ordered', 201));
  }
}

describe('an application that verifies tokens', () => {
  let issuer: Awaited<ReturnType<typeof httpServer>>;
  let key: CryptoKey;
  let keyRequests = 0;
  let isDown = false;

  beforeAll(async () => {
    const pair = await generateKeyPair('ES256');
    key = pair.privateKey;
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: '1', alg: 'ES256' };
    issuer = await httpServer((request, response) => {
      const url = issuer.url.slice(0, -1);
      if (request.url === '/keys') keyRequests += 1;
      if (request.url === '/keys' && isDown) response.statusCode = 503;
      const body = request.url === '/keys' ? { keys: [jwk] } : { issuer: url, jwks_uri: `${url}/keys` };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
    });
  });
  afterAll(() => issuer.stop());

  function start(context: TestContext): Promise<Served> {
    const login = { issuer: issuer.url, audience: 'shop' };
    return serve(context, { login: LoginComponent, orders: Orders }, { login });
  }

  interface Claims {
    readonly audience?: string;
    readonly expires?: string;
    readonly scope?: string;
    readonly signedWith?: CryptoKey;
  }

  async function authorization({ audience = 'shop', expires = '1h', scope = '', signedWith = key }: Claims = {}) {
    const token = await new SignJWT({ scope })
      .setProtectedHeader({ alg: 'ES256', kid: '1' })
      .setIssuer(issuer.url.slice(0, -1))
      .setAudience(audience)
      .setSubject('ada')
      .setExpirationTime(expires)
      .sign(signedWith);
    return { authorization: `Bearer ${token}` };
  }

  test('a route receives the user of a valid token', async (context) => {
    const { send } = await start(context);
    const response = await send('/api/me', { headers: await authorization() });
    expect([response.status, await response.text()]).toEqual([200, 'ada']);
  });

  test('requests without a token are refused, and public routes need none', async (context) => {
    const { send } = await start(context);
    const refused = await send('/api/me');
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect((await send('/')).status).toBe(200);
  });

  test.for<[string, () => Promise<Claims>]>([
    ['for another API', async () => ({ audience: 'other' })],
    ['that has expired', async () => ({ expires: '-1 minute' })],
    ['that another key has signed', async () => ({ signedWith: (await generateKeyPair('ES256')).privateKey })],
  ])('a token %s is refused', async ([, claims], context) => {
    const { send } = await start(context);
    const refused = await send('/api/me', { headers: await authorization(await claims()) });
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"']);
  });

  test('text that is no token is refused', async (context) => {
    const { send } = await start(context);
    expect((await send('/api/me', { headers: { authorization: 'Bearer abc' } })).status).toBe(401);
  });

  test('a route may require a scope', async (context) => {
    const { send } = await start(context);
    const post = async (scope: string): Promise<number> =>
      (await send('/api/orders', { method: 'POST', headers: await authorization({ scope }) })).status;
    expect(await post('orders:read')).toBe(403);
    expect(await post('orders:read orders:write')).toBe(201);
  });

  test('a valid token is not refused while the issuer fails', async (context) => {
    isDown = true;
    context.onTestFinished(() => void (isDown = false));
    const { send } = await start(context);
    expect((await send('/api/me', { headers: await authorization() })).status).toBe(500);
  });

  test('the keys of the issuer are fetched once', async (context) => {
    const { send } = await start(context);
    keyRequests = 0;
    for (let count = 0; count < 3; count += 1) await send('/api/me', { headers: await authorization() });
    expect(keyRequests).toBe(1);
  });
});
