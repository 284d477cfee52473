import { InjectedMethodError, NoCurrentContextError, NotInjectedError } from '@asphalt/core/ambient';
import { expect, test } from 'vitest';

test('NoCurrentContextError lists where a context is current', () => {
  expect(new NoCurrentContextError().message).toMatchInlineSnapshot(`
    "No context is current here
      note         a context is current in Context.run(), hooks, providers, handlers, tasks and web requests
      help         call this inside Context.run()
                   or import '@asphalt/core/ambient' before the first context is opened
                   or pass the context as a parameter and call its method of the same name
      code         ERR_CONTEXT_NONE"
  `);
});

test('InjectedMethodError names the method and the reason', () => {
  expect(
    new InjectedMethodError('Reports', 'list', 'the method is static', 'use withResources() for functions').message,
  ).toMatchInlineSnapshot(`
    "@injected() on \`Reports.list\`: the method is static
      help         use withResources() for functions
      code         ERR_INJECTED_METHOD"
  `);
});

test('NotInjectedError suggests two fixes', () => {
  expect(new NotInjectedError().message).toMatchInlineSnapshot(`
    "A parameter with the default \`fromContext()\` was neither passed nor injected
      help         decorate its method with @injected() and the parameter with @inject()
                   or pass the value
      code         ERR_NOT_INJECTED"
  `);
});
