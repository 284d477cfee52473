import { ContextStateError, ResourceNotFoundError, TeardownError, token } from '@asphalt/core';
import {
  AsyncResourceError,
  ContextLeakError,
  FactoryCycleError,
  IdentifierError,
  ResourceConflictError,
  ResourceNameError,
  ResourceValueError,
  TaskCrashError,
  TaskNotStartedError,
  TeardownTimeoutError,
} from '@asphalt/core/errors';
import { expect, test } from 'vitest';

class Mailer {}
const Clock = token<Date>('clock');
const mailer = { id: Mailer, name: 'default' };
const bulk = { id: Mailer, name: 'bulk' };

test('ContextStateError shows the state and a fix', () => {
  expect(new ContextStateError('add a resource to', 'request 42', 'closed').message).toMatchInlineSnapshot(`
    "Cannot add a resource to context "request 42": it is closed
      note         the call ran after the context had closed, probably from a promise that was not awaited
      help         await the work inside the context, or run it with startServiceTask()
      code         ERR_CONTEXT_STATE"
  `);
  expect(new ContextStateError('start a task in', 'request 42', 'closing').message).toMatchInlineSnapshot(`
    "Cannot start a task in context "request 42": it is closing
      help         do this before the context closes; a closing context takes resources and lookups, but no factories or tasks
      code         ERR_CONTEXT_STATE"
  `);
  expect(new ContextStateError('close', 'request 42', 'closing').message).toMatchInlineSnapshot(`
    "Cannot close context "request 42": it is closing
      help         close a context only once, and not from one of its own teardown callbacks
      code         ERR_CONTEXT_STATE"
  `);
});

test('ContextStateError of a component names the component that was stopped', () => {
  const error = new ContextStateError('add a resource to', 'sql', 'closed', 'component `sql` (Sql)');
  expect(error.component).toBe('component `sql` (Sql)');
  expect(error.message).toMatchInlineSnapshot(`
    "Cannot add a resource to context "sql": it is closed
      note         the call ran after component \`sql\` (Sql) was stopped, probably from a timer or an event listener
      help         stop timers and event listeners in onTeardown(), or run the work with startServiceTask()
      code         ERR_CONTEXT_STATE"
  `);
});

test('ResourceNotFoundError names the component that was stopped', () => {
  const near = { otherNames: ['bulk'], stopped: 'component `mail` (Mail)', similar: ['Mailr'] };
  expect(new ResourceNotFoundError(mailer, 'request', near).message).toMatchInlineSnapshot(`
    "No resource of type \`Mailer\` named "default" in context "request"
      note         component \`mail\` (Mail) provided one, but was stopped
      help         look it up after the component has started again: see restart() and startComponent() of the application
      code         ERR_RESOURCE_NOT_FOUND"
  `);
});

test('ResourceNotFoundError names the other resources of the type', () => {
  expect(new ResourceNotFoundError(mailer, 'app', { otherNames: [] }).message).toMatchInlineSnapshot(`
    "No resource of type \`Mailer\` named "default" in context "app"
      help         publish one with @provides(Mailer) or addResource() before it is looked up
      code         ERR_RESOURCE_NOT_FOUND"
  `);
  expect(new ResourceNotFoundError(mailer, 'app', { otherNames: ['bulk', 'urgent'] }).message).toMatchInlineSnapshot(`
    "No resource of type \`Mailer\` named "default" in context "app"
      note         available names of \`Mailer\`: "bulk", "urgent"
      help         ask for it by name: getResource(Mailer, 'bulk')
      code         ERR_RESOURCE_NOT_FOUND"
  `);
  expect(new ResourceNotFoundError(bulk, 'app', { otherNames: ['default'] }).message).toMatchInlineSnapshot(`
    "No resource of type \`Mailer\` named "bulk" in context "app"
      note         available names of \`Mailer\`: "default"
      help         ask for it by name: getResource(Mailer, 'default')
      code         ERR_RESOURCE_NOT_FOUND"
  `);
});

test('ResourceNotFoundError names a later publication and similar types', () => {
  expect(
    [
      { otherNames: ['bulk'], later: 'app' },
      { otherNames: [], similar: ['Mailer'] },
      { otherNames: [], similar: ['Mailr', 'Miler'] },
    ].map((near) => new ResourceNotFoundError(mailer, 'request', near).message),
  ).toMatchInlineSnapshot(`
    [
      "No resource of type \`Mailer\` named "default" in context "request"
      note         context "app" has one, published after this context was opened
      help         publish it before you open this context, or look it up in "app"
      code         ERR_RESOURCE_NOT_FOUND",
      "No resource of type \`Mailer\` named "default" in context "request"
      note         a resource of a different type with the same name, \`Mailer\`, is published
      help         import the type from one place: a module that is loaded twice creates it twice
      code         ERR_RESOURCE_NOT_FOUND",
      "No resource of type \`Mailer\` named "default" in context "request"
      help         did you mean \`Mailr\` or \`Miler\`?
                   or publish one with @provides(Mailer) or addResource() before it is looked up
      code         ERR_RESOURCE_NOT_FOUND",
    ]
  `);
});

test('ResourceConflictError shows the key', () => {
  expect(new ResourceConflictError(bulk, 'app').message).toMatchInlineSnapshot(`
    "A resource of type \`Mailer\` named "bulk" already exists in context "app"
      note         a context has one resource per type and name, including inherited ones
      help         give the second one a different name, or its component an alias such as 'type/name'
      code         ERR_RESOURCE_CONFLICT"
  `);
});

test('AsyncResourceError shows the asynchronous call', () => {
  expect(new AsyncResourceError(mailer).message).toMatchInlineSnapshot(`
    "\`Mailer\` is created asynchronously and is not available yet
      help         await it: await context.getResource(Mailer)
      code         ERR_RESOURCE_ASYNC"
  `);
  expect(new AsyncResourceError(bulk).message).toMatchInlineSnapshot(`
    "\`Mailer "bulk"\` is created asynchronously and is not available yet
      help         await it: await context.getResource(Mailer, 'bulk')
      code         ERR_RESOURCE_ASYNC"
  `);
});

test('FactoryCycleError shows the path of the cycle', () => {
  expect(new FactoryCycleError([mailer, { id: Clock, name: 'default' }, mailer], 'app').message).toMatchInlineSnapshot(`
    "The factory of \`Mailer\` depends on its own value in context "app"
      path         Mailer › clock › Mailer
      help         look one of them up when it is used, not while the other is created
      code         ERR_FACTORY_CYCLE"
  `);
});

test('ResourceValueError shows the source and the type of the value, but not its content', () => {
  expect(new ResourceValueError(Mailer, null, 'addResource()').message).toMatchInlineSnapshot(`
    "addResource() received null instead of a \`Mailer\`
      note         null and undefined mean that a resource is absent
      help         pass a \`Mailer\`
      code         ERR_RESOURCE_VALUE"
  `);
  expect(new ResourceValueError(Clock, { password: 'secret' }, 'The factory of `clock`').message)
    .toMatchInlineSnapshot(`
      "The factory of \`clock\` returned an object with a \`then\` method as \`clock\`
        note         each \`await\` of a lookup would return the result of its \`then\` method instead
        help         return an object that holds it, such as { value }
        code         ERR_RESOURCE_VALUE"
    `);
  const summaries = [undefined, 'secret', Object.create(null), new Mailer(), new (class {})()].map(
    (value) => new ResourceValueError(Mailer, value, 'It').summary,
  );
  expect(summaries).toMatchInlineSnapshot(`
    [
      "It returned undefined instead of a \`Mailer\`",
      "It returned an object with a \`then\` method as \`Mailer\`",
      "It returned an object with a \`then\` method as \`Mailer\`",
      "It returned an object with a \`then\` method as \`Mailer\`",
      "It returned an object with a \`then\` method as \`Mailer\`",
    ]
  `);
});

test('TeardownError names the failed teardowns and the error that ended the context', () => {
  const failures = [
    { label: 'closePool', error: new Error('one\ntwo') },
    { error: new ContextLeakError('app', ['request']) },
  ];
  const error = new TeardownError('app', failures, new TypeError('bad body'));
  expect(error.message).toMatchInlineSnapshot(`
    "2 failures while context "app" closed
      1. closePool: Error: one
      2. Context "app" closed while 1 child context was open
           open         "request"
           help         close children first; context.run(body) does this automatically
           code         ERR_CONTEXT_LEAK
      ended by     TypeError: bad body
      code         ERR_TEARDOWN"
  `);
  expect(error.errors).toEqual(failures.map((failure) => failure.error));
  expect(new TeardownError('app', [{ error: undefined }]).message).toMatchInlineSnapshot(`
    "1 failure while context "app" closed
      1. threw a non-Error value: undefined
      code         ERR_TEARDOWN"
  `);
});

test('ContextLeakError names the children', () => {
  expect(new ContextLeakError('app', ['request']).message).toMatchInlineSnapshot(`
    "Context "app" closed while 1 child context was open
      open         "request"
      help         close children first; context.run(body) does this automatically
      code         ERR_CONTEXT_LEAK"
  `);
  const many = ['a', 'a', ...Array.from({ length: 11 }, (_, index) => `child ${index}`)];
  const error = new ContextLeakError('app', many);
  expect(error.message).toMatchInlineSnapshot(`
    "Context "app" closed while 13 child contexts were open
      open         "a" (2 times), "child 0", "child 1", "child 2", "child 3", "child 4", "child 5", "child 6", "child 7", "child 8", and 2 other names
      help         close children first; context.run(body) does this automatically
      code         ERR_CONTEXT_LEAK"
  `);
  expect([error.children, error.openChildren]).toEqual([many, 13]);
});

test('TaskCrashError shows the name of the task and its error', () => {
  expect(new TaskCrashError('poll', new RangeError('too far')).message).toMatchInlineSnapshot(`
    "Task "poll" failed: RangeError: too far
      code         ERR_TASK_CRASHED"
  `);
});

test('TaskNotStartedError names the missing call', () => {
  expect(new TaskNotStartedError('serve').message).toMatchInlineSnapshot(`
    "Task "serve" ended before it called \`started\`
      help         call \`started\`, the third parameter of the task function, before the function returns
      code         ERR_TASK_NOT_STARTED"
  `);
});

test('TeardownTimeoutError names the teardown that hangs', () => {
  expect(new TeardownTimeoutError('closePool', 2500).message).toMatchInlineSnapshot(`
    "Teardown timed out after 2.5 s waiting for closePool
      help         find the promise that never settles, or raise the limit of close()
      code         ERR_TEARDOWN_TIMEOUT"
  `);
});

test('ResourceNameError shows the name', () => {
  expect(new ResourceNameError('a.b').message).toMatchInlineSnapshot(`
    "A resource name must consist of letters, digits, "_" and "-", got "a.b"
      help         choose another name, such as "primary" or "read_only"
      code         ERR_RESOURCE_NAME"
  `);
  expect(new ResourceNameError(undefined).summary).toMatchInlineSnapshot(
    `"A resource name must consist of letters, digits, "_" and "-", got undefined"`,
  );
});

test('IdentifierError explains circular imports when they are the likely cause', () => {
  expect(new IdentifierError('addResource()', undefined).message).toMatchInlineSnapshot(`
    "addResource() requires a class or a token, got undefined
      note         a class is undefined while modules that import each other are loading
      help         inject it lazily: new LazyServiceIdentifier(() => TheClass)
      code         ERR_IDENTIFIER"
  `);
  expect(new IdentifierError('getResource()', 'Mailer').message).toMatchInlineSnapshot(`
    "getResource() requires a class or a token, got "Mailer"
      help         declare one: token<Type>('name')
      code         ERR_IDENTIFIER"
  `);
});
