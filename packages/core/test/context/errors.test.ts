import { expect, test } from 'vitest';
import {
  AsyncResourceError,
  ContextLeakError,
  ContextStateError,
  FactoryCycleError,
  ResourceConflictError,
  ResourceNotFoundError,
  ResourceValueError,
  TaskCrashError,
  TaskNotStartedError,
  TeardownError,
  TeardownTimeoutError,
} from '../../src/context/errors.ts';
import { IdentifierError, ResourceNameError, token } from '../../src/context/key.ts';

class Mailer {}
const Clock = token<Date>('clock');
const mailer = { id: Mailer, name: 'default' };
const bulk = { id: Mailer, name: 'bulk' };

test('ContextStateError tells the state and what can be done in it', () => {
  expect(new ContextStateError('add a resource to', 'request 42', 'closed').message).toMatchInlineSnapshot(`
    "Cannot add a resource to context "request 42": it is closed
      note         the call ran after the context ended, perhaps from a promise that nobody awaited
      help         await the work inside the context, or run it with startServiceTask()
      code         ERR_CONTEXT_STATE"
  `);
  expect(new ContextStateError('start a task in', 'request 42', 'closing').message).toMatchInlineSnapshot(`
    "Cannot start a task in context "request 42": it is closing
      help         do it before the context closes; meanwhile resources can be looked up and added, but no factories and no tasks
      code         ERR_CONTEXT_STATE"
  `);
  expect(new ContextStateError('close', 'request 42', 'closing').message).toMatchInlineSnapshot(`
    "Cannot close context "request 42": it is closing
      help         close a context once, and not from a teardown callback of its own
      code         ERR_CONTEXT_STATE"
  `);
});

test('ContextStateError of a component names the component that was stopped', () => {
  const error = new ContextStateError('add a resource to', 'sql', 'closed', 'component `sql` (Sql)');
  expect(error.component).toBe('component `sql` (Sql)');
  expect(error.message).toMatchInlineSnapshot(`
    "Cannot add a resource to context "sql": it is closed
      note         component \`sql\` (Sql) was stopped; the call ran after that, perhaps from a timer or an event callback
      help         end timers and event callbacks in onTeardown(), or run the work with startServiceTask()
      code         ERR_CONTEXT_STATE"
  `);
});

test('ResourceNotFoundError names the component that was stopped', () => {
  const near = { otherNames: ['bulk'], stopped: 'component `mail` (Mail)', similar: ['Mailr'] };
  expect(new ResourceNotFoundError(mailer, 'request', near).message).toMatchInlineSnapshot(`
    "No resource of type \`Mailer\` named "default" in context "request"
      note         component \`mail\` (Mail) provided one and was stopped
      help         look it up when the component has started again: see restart() and startComponent() of the application
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
      note         there is a \`Mailer\` named "bulk", "urgent"
      help         ask for it by name: getResource(Mailer, 'bulk')
      code         ERR_RESOURCE_NOT_FOUND"
  `);
  expect(new ResourceNotFoundError(bulk, 'app', { otherNames: ['default'] }).message).toMatchInlineSnapshot(`
    "No resource of type \`Mailer\` named "bulk" in context "app"
      note         there is a \`Mailer\` named "default"
      help         ask for it by name: getResource(Mailer, 'default')
      code         ERR_RESOURCE_NOT_FOUND"
  `);
});

test('ResourceNotFoundError names what came later, and what is called alike', () => {
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
      help         publish it before, or look it up in "app"
      code         ERR_RESOURCE_NOT_FOUND",
      "No resource of type \`Mailer\` named "default" in context "request"
      note         there is a resource of another type that is called \`Mailer\` too
      help         import it from one place: a module that is loaded twice makes it twice
      code         ERR_RESOURCE_NOT_FOUND",
      "No resource of type \`Mailer\` named "default" in context "request"
      note         there is a \`Mailr\`, a \`Miler\`
      help         publish one with @provides(Mailer) or addResource() before it is looked up
      code         ERR_RESOURCE_NOT_FOUND",
    ]
  `);
});

test('ResourceConflictError tells the key', () => {
  expect(new ResourceConflictError(bulk, 'app').message).toMatchInlineSnapshot(`
    "A resource of type \`Mailer\` named "bulk" already exists in context "app"
      note         one context holds one resource per type and name, inherited ones included
      help         give the second one a name of its own, or its component an alias such as 'type/name'
      code         ERR_RESOURCE_CONFLICT"
  `);
});

test('AsyncResourceError shows the call that waits', () => {
  expect(new AsyncResourceError(mailer).message).toMatchInlineSnapshot(`
    "\`Mailer\` is made asynchronously and is not there yet
      help         await it: await context.getResource(Mailer)
      code         ERR_RESOURCE_ASYNC"
  `);
  expect(new AsyncResourceError(bulk).message).toMatchInlineSnapshot(`
    "\`Mailer "bulk"\` is made asynchronously and is not there yet
      help         await it: await context.getResource(Mailer, 'bulk')
      code         ERR_RESOURCE_ASYNC"
  `);
});

test('FactoryCycleError draws the ring', () => {
  expect(new FactoryCycleError([mailer, { id: Clock, name: 'default' }, mailer], 'app').message).toMatchInlineSnapshot(`
    "The factory of \`Mailer\` asks for its own value in context "app"
      path         Mailer › clock › Mailer
      help         look one of them up when it is used, not when the other is made
      code         ERR_FACTORY_CYCLE"
  `);
});

test('ResourceValueError tells who gave what, but not what it holds', () => {
  expect(new ResourceValueError(Mailer, null, 'addResource()').message).toMatchInlineSnapshot(`
    "addResource() gave null where a \`Mailer\` was expected
      note         null and undefined mean that a resource is absent
      help         give a \`Mailer\`
      code         ERR_RESOURCE_VALUE"
  `);
  expect(new ResourceValueError(Clock, { password: 'secret' }, 'The factory of `clock`').message)
    .toMatchInlineSnapshot(`
    "The factory of \`clock\` gave an instance of Object where a \`clock\` was expected
      help         give a \`clock\`
      code         ERR_RESOURCE_VALUE"
  `);
  const summaries = [undefined, 'secret', Object.create(null), new Mailer(), new (class {})()].map(
    (value) => new ResourceValueError(Mailer, value, 'It').summary,
  );
  expect(summaries).toMatchInlineSnapshot(`
    [
      "It gave undefined where a \`Mailer\` was expected",
      "It gave a string where a \`Mailer\` was expected",
      "It gave an object without a class where a \`Mailer\` was expected",
      "It gave an instance of Mailer where a \`Mailer\` was expected",
      "It gave an object without a class where a \`Mailer\` was expected",
    ]
  `);
});

test('TeardownError names what was being undone, and holds what ended the context', () => {
  const failures = [{ label: 'closePool', error: new Error('one\ntwo') }, { error: new ContextLeakError('app', 1) }];
  const error = new TeardownError('app', failures, new TypeError('bad body'));
  expect(error.message).toMatchInlineSnapshot(`
    "2 failures while context "app" closed
      1. closePool: Error: one
      2. Context "app" closed while 1 child context was open
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

test('ContextLeakError counts the children', () => {
  expect(new ContextLeakError('app', 1).message).toMatchInlineSnapshot(`
    "Context "app" closed while 1 child context was open
      help         close children first; context.run(body) does so by itself
      code         ERR_CONTEXT_LEAK"
  `);
  expect(new ContextLeakError('app', 2).summary).toMatchInlineSnapshot(
    `"Context "app" closed while 2 child contexts were open"`,
  );
});

test('TaskCrashError names the task and what it threw', () => {
  expect(new TaskCrashError('poll', new RangeError('too far')).message).toMatchInlineSnapshot(`
    "Task "poll" failed: RangeError: too far
      code         ERR_TASK_CRASHED"
  `);
});

test('TaskNotStartedError tells what the work should have done', () => {
  expect(new TaskNotStartedError('serve').message).toMatchInlineSnapshot(`
    "Task "serve" ended before it had started
      help         have its work call \`started\`, its third parameter, before it returns
      code         ERR_TASK_NOT_STARTED"
  `);
});

test('TeardownTimeoutError names what hangs', () => {
  expect(new TeardownTimeoutError('closePool', 2500).message).toMatchInlineSnapshot(`
    "Teardown gave up on closePool after 2.5 s
      help         find out what it waits for, or raise the limit of close()
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

test('IdentifierError tells of circular imports where they are the likely reason', () => {
  expect(new IdentifierError('addResource()', undefined).message).toMatchInlineSnapshot(`
    "addResource() must be given a class or a token, got undefined
      note         a class is undefined while modules that import each other are loading
      help         inject it lazily: new LazyServiceIdentifier(() => TheClass)
      code         ERR_IDENTIFIER"
  `);
  expect(new IdentifierError('getResource()', 'Mailer').message).toMatchInlineSnapshot(`
    "getResource() must be given a class or a token, got "Mailer"
      help         declare one: token<Type>('name')
      code         ERR_IDENTIFIER"
  `);
});
