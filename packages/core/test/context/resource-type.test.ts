import { afterEach, expect, test, vi } from 'vitest';
import { Component, Context, provides, startApplication, token } from '@asphalt/core';
import { ResourceTypeError } from '@asphalt/core/errors';
import { failureOf } from '../config/temp-folder.ts';

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

test('a resource is an instance of its class, or has all of its methods', () => {
  const context = new Context();
  context.addResource(Mailer, new Mailer());
  context.addResource(Mailer, fake, { name: 'fake' });
  context.addResource(token<number>('anything'), wrong('a text'));
  expect(() => context.addResource([Sender, Mailer], wrong({ retry: fake.retry }), { name: 'wrong' })).toThrow(
    ResourceTypeError,
  );
  expect(context.findResource(Sender, 'wrong')).toBeUndefined();
});

test('where it lacks some, the message tells which, and who gave it', async () => {
  const context = new Context();
  context.addResourceFactory(Mailer, () => wrong(new Date()));
  expect((await failureOf(() => context.getResource(Mailer))).message).toMatchInlineSnapshot(`
    "The factory of \`Mailer\` gave an instance of Date that is no \`Mailer\`
      lacks        send(), retry()
      help         give a \`Mailer\`, or something with all of its methods
      code         ERR_RESOURCE_TYPE"
  `);
  class Mailing extends Component {
    @provides(Mailer) mailer(): Mailer {
      return wrong('smtp://localhost');
    }
  }
  expect((await failureOf(() => startApplication(Mailing))).message).toMatchInlineSnapshot(`
    "\`mailer()\` gave a string that is no \`Mailer\`
      called in    mailer() of the root component (Mailing)
      lacks        send(), retry()
      cause        ERR_RESOURCE_TYPE
      help         give a \`Mailer\`, or something with all of its methods
      code         ERR_COMPONENT_START"
  `);
});

test('in production nothing is compared', async () => {
  vi.stubEnv('NODE_ENV', 'production');
  const context = new Context();
  context.addResource(Mailer, wrong({}));
  context.child().addResource(Mailer, wrong('a text'), { name: 'child' });
  vi.stubEnv('ASPHALT_CHECKS', 'on');
  expect(() => new Context().addResource(Mailer, wrong({}))).toThrow(ResourceTypeError);
});
