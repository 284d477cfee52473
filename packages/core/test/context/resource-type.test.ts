import { errorOf } from '@asphalt/test-support';
import { afterEach, expect, test, vi } from 'vitest';
import { Component, Context, provides, startApplication, token } from '@asphalt/core';
import { ResourceTypeError } from '@asphalt/core/errors';

abstract class Sender {
  retry(): void {}
}
class Mailer extends Sender {
  send(_text: string): void {}
}

const fake = { send: () => undefined, retry: () => undefined };
const wrong = (value: unknown): never => value as never;

afterEach(() => {
  vi.unstubAllEnvs();
});

test('addResource() accepts an instance of the class or an object with all of its methods', () => {
  const context = new Context();
  context.addResource(Mailer, new Mailer());
  context.addResource(Mailer, fake, { name: 'fake' });
  context.addResource(token<number>('anything'), wrong('a string'));
  expect(() => context.addResource([Sender, Mailer], wrong({ retry: fake.retry }), { name: 'wrong' })).toThrow(
    ResourceTypeError,
  );
  expect(context.findResource(Sender, 'wrong')).toBeUndefined();
});

test('the error for a value that lacks methods lists them and names the source', async () => {
  const context = new Context();
  context.addResourceFactory(Mailer, () => wrong(new Date()));
  expect((await errorOf(() => context.getResource(Mailer))).message).toMatchInlineSnapshot(`
    "The factory of \`Mailer\` returned an instance of Date, which is not a \`Mailer\`
      lacks        send(), retry()
      help         return a \`Mailer\`, or an object with all of its methods
      code         ERR_RESOURCE_TYPE"
  `);
  class Mailing extends Component {
    @provides(Mailer) mailer(): Mailer {
      return wrong('smtp://localhost');
    }
  }
  expect((await errorOf(() => startApplication(Mailing))).message).toMatchInlineSnapshot(`
    "\`mailer()\` returned a string, which is not a \`Mailer\`
      called in    mailer() of the root component (Mailing)
      lacks        send(), retry()
      cause        ERR_RESOURCE_TYPE
      help         return a \`Mailer\`, or an object with all of its methods
      code         ERR_COMPONENT_START"
  `);
});

test('values are not checked in production unless ASPHALT_CHECKS is on', async () => {
  vi.stubEnv('NODE_ENV', 'production');
  const context = new Context();
  context.addResource(Mailer, wrong({}));
  context.child().addResource(Mailer, wrong('a string'), { name: 'child' });
  vi.stubEnv('ASPHALT_CHECKS', 'on');
  expect(() => new Context().addResource(Mailer, wrong({}))).toThrow(ResourceTypeError);
});
