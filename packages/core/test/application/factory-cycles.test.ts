import { component, Component, type Context, inject, provides, startApplication, token } from '@asphalt/core';
import { FactoryCycleError } from '@asphalt/core/errors';
import { failureOf, settled } from '@asphalt/test-support';
import { expect, onTestFinished, test } from 'vitest';

const A = token<object>('A');
const B = token<object>('B');

class AsksLater extends Component {
  @provides(A, { scope: 'context' })
  async a(requesting: Context): Promise<object> {
    await settled();
    return { b: await requesting.getResource(B) };
  }
}

class AsksLaterToo extends Component {
  @provides(B, { scope: 'context' })
  async *b(requesting: Context): AsyncGenerator<object> {
    await settled();
    yield { a: await requesting.getResource(A) };
  }
}

class NeedsA extends Component {
  @provides(B, { scope: 'context' })
  b(@inject(A) a: object): object {
    return { a };
  }
}

test.each([
  ['two factories that look each other up', AsksLaterToo],
  ['a lookup and an injected parameter', NeedsA],
])('a cycle of %s after an await is an error in a request, and the request can close', async (_, other) => {
  @component({ components: { a: AsksLater, b: other } })
  class App extends Component {}
  const application = await startApplication(App);
  onTestFinished(() => application.stop());
  for (const id of [A, B]) {
    const error = await failureOf(() => application.context.run((request) => request.getResource(id)));
    expect(error).toBeInstanceOf(FactoryCycleError);
    expect(await failureOf(() => application.context.getResource(id))).toBeInstanceOf(FactoryCycleError);
  }
});
