import { errorOf } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import { Component, component, silentLogger, startApplication, type Logger } from '@asphalt/core';

class Web extends Component {}

@component({ components: { web: Web } })
class App extends Component {}

/** Returns a logger that records changes of levels. */
function levelLogger(changes: string[], path = ''): Logger {
  return {
    ...silentLogger,
    child: (what) => levelLogger(changes, what as string),
    setLevel: (level) => changes.push(`${path} ${level}`),
  };
}

describe('setLogLevel', () => {
  test('changes the level of the logger of a component or of the application', async () => {
    const changes: string[] = [];
    await using application = await startApplication(App, { logger: levelLogger(changes) });
    application.setLogLevel('web', 'debug');
    application.setLogLevel('', 'warn');
    expect(changes).toEqual(['web debug', ' warn']);
  });

  test('accepts the names of `logging.levels`', async () => {
    const changes: string[] = [];
    await using application = await startApplication(App, { logger: levelLogger(changes) });
    application.setLogLevel('asphalt', 'warn');
    application.setLogLevel('asphalt.web', 'debug');
    expect(changes).toEqual([' warn', 'web debug']);
  });

  test.each([
    ['an unknown level', 'web', 'verbose'],
    ['an unknown component', 'wep', 'debug'],
    ['no path', undefined as never, 'debug'],
    ['no level', 'web', undefined as never],
  ])('fails with %s', async (_, path, level) => {
    await using application = await startApplication(App, { logger: levelLogger([]) });
    const change = (): void => application.setLogLevel(path, level as 'debug');
    expect((await errorOf(change)).message).toMatchSnapshot();
  });

  test('fails if the logger has fixed levels', async () => {
    await using application = await startApplication(App);
    expect((await errorOf(() => application.setLogLevel('web', 'debug'))).message).toMatchSnapshot();
  });
});
