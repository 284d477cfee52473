import { component, Component, loadConfig, PlanError, planApplication } from '@asphalt/core';
import { expect, test } from 'vitest';
import { tempFolder } from '../config/temp-folder.ts';

class Part extends Component {}
@component({ components: { pool: Part, 'pool/slow': Part } })
class Web extends Component {}
@component({ components: { web: Web, detector: Part } })
class App extends Component {}

/** What is wrong with an application that has these levels, as somebody reads it. */
async function told(levels: string, root = App, further = '', service?: string): Promise<string> {
  const text = `component: {}\nlogging:\n  levels: ${levels}\n${further}`;
  const cwd = tempFolder({ 'asphalt.yaml': text });
  const config = await loadConfig({ files: ['asphalt.yaml'], cwd, env: {}, service });
  const { problems } = await planApplication(root, { config });
  return problems.length === 0 ? '' : new PlanError(problems).message;
}

test('levels of components, of what is below them, and of the application itself are fine', async () => {
  expect(await told('{ web: info, web.pool/slow: debug, asphalt: warn, asphalt.detector: error }')).toBe('');
});

test('levels of loggers that components make for themselves are fine', async () => {
  expect(await told('{ detector.checks: debug, asphalt.web.access: info }')).toBe('');
});

test('levels of what is no component are told, with what may be meant', async () => {
  expect(await told('{ detctor: info, web.poool: debug, asphalt.wbe.pool: debug, mailer: error }'))
    .toMatchInlineSnapshot(`
      "The application cannot start: 4 problems
        1. \`logging.levels.detctor\` is the level of no component
             from         asphalt.yaml:3:13
                          3 │ … detctor: info …
                            │   ^
             help         did you mean \`detector\`?
             code         ERR_CONFIG_INVALID
        2. \`logging.levels.web\\.poool\` is the level of no component
             from         asphalt.yaml:3:28
                          3 │ … web.poool: debug …
                            │   ^
             help         did you mean \`web.pool\`?
             code         ERR_CONFIG_INVALID
        3. \`logging.levels.asphalt\\.wbe\\.pool\` is the level of no component
             from         asphalt.yaml:3:46
                          3 │ … asphalt.wbe.pool: debug …
                            │   ^
             help         did you mean \`web.pool\`?
             code         ERR_CONFIG_INVALID
        4. \`logging.levels.mailer\` is the level of no component
             from         asphalt.yaml:3:71
                          3 │ … mailer: error …
                            │   ^
             help         write the path of a component, such as \`web\`, or \`asphalt\` for the application itself
             code         ERR_CONFIG_INVALID
        code         ERR_PLAN"
    `);
});

test('so they are where there is nothing but the root component', async () => {
  expect(await told('{ web: info }', Part)).toMatchInlineSnapshot(`
    "\`logging.levels.web\` is the level of no component
      from         asphalt.yaml:3:13
                   3 │ … web: info …
                     │   ^
      help         write \`asphalt\` for the application itself
      code         ERR_CONFIG_INVALID"
  `);
});

test('what is said for all services may concern the components of another one', async () => {
  const services = 'services: { default: { component: {} }, other: { component: {} } }\n';
  expect(await told('{ mailer: info }', App, services, 'default')).toBe('');
});

test('what else is wrong is told first', async () => {
  const config = await loadConfig({ set: ['logging=[web]'], env: {}, collectProblems: true });
  const { problems } = await planApplication(App, { config });
  expect(problems.map(({ summary }) => summary)).toEqual(['`logging` must be a mapping of options, got a list']);
});
