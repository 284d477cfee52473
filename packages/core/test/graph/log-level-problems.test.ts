import { component, Component, PlanError } from '@asphalt/core';
import { loadConfig } from '@asphalt/core/config';
import { planApplication } from '@asphalt/core/inspect';
import { tempFolder } from '@asphalt/test-support';
import { expect, test } from 'vitest';

class Leaf extends Component {}
@component({ components: { pool: Leaf, 'pool/slow': Leaf } })
class Web extends Component {}
@component({ components: { web: Web, detector: Leaf } })
class App extends Component {}

/** Returns the error message of an application with these levels; empty if it has no problems. */
async function messageFor(levels: string, root = App, further = '', service?: string): Promise<string> {
  const text = `component: {}\nlogging:\n  levels: ${levels}\n${further}`;
  const cwd = tempFolder({ 'asphalt.yaml': text });
  const config = await loadConfig({ files: ['asphalt.yaml'], cwd, env: {}, service });
  const { problems } = await planApplication(root, { config });
  return problems.length === 0 ? '' : new PlanError(problems).message;
}

test('levels of components, of their descendants and of the application itself are accepted', async () => {
  expect(await messageFor('{ web: info, web.pool/slow: debug, asphalt: warn, asphalt.detector: error }')).toBe('');
});

test('levels of loggers that components create are accepted', async () => {
  expect(await messageFor('{ detector.checks: debug, asphalt.web.access: info }')).toBe('');
});

test('levels of unknown components are reported with suggestions', async () => {
  expect(await messageFor('{ detctor: info, web.poool: debug, asphalt.wbe.pool: debug, mailer: error }'))
    .toMatchInlineSnapshot(`
      "The application cannot start: 4 problems
        1. \`logging.levels.detctor\` names an unknown component
             from         asphalt.yaml:3:13
                          3 │ … detctor: info …
                            │   ^
             help         did you mean \`detector\`?
             code         ERR_CONFIG_INVALID
        2. \`logging.levels.web\\.poool\` names an unknown component
             from         asphalt.yaml:3:28
                          3 │ … web.poool: debug …
                            │   ^
             help         did you mean \`web.pool\`?
             code         ERR_CONFIG_INVALID
        3. \`logging.levels.asphalt\\.wbe\\.pool\` names an unknown component
             from         asphalt.yaml:3:46
                          3 │ … asphalt.wbe.pool: debug …
                            │   ^
             help         did you mean \`web.pool\`?
             code         ERR_CONFIG_INVALID
        4. \`logging.levels.mailer\` names an unknown component
             from         asphalt.yaml:3:71
                          3 │ … mailer: error …
                            │   ^
             help         use the path of a component, such as \`web\`, or \`asphalt\` for the application itself
             code         ERR_CONFIG_INVALID
        code         ERR_PLAN"
    `);
});

test('levels of unknown components are reported if the root has no children', async () => {
  expect(await messageFor('{ web: info }', Leaf)).toMatchInlineSnapshot(`
    "\`logging.levels.web\` names an unknown component
      from         asphalt.yaml:3:13
                   3 │ … web: info …
                     │   ^
      help         use \`asphalt\` for the application itself
      code         ERR_CONFIG_INVALID"
  `);
});

test('levels for all services may name components of another service', async () => {
  const services = 'services: { default: { component: {} }, other: { component: {} } }\n';
  expect(await messageFor('{ mailer: info }', App, services, 'default')).toBe('');
});

test('other problems of the logging setting are reported too', async () => {
  const summaries = async (setting: string): Promise<string[]> => {
    const config = await loadConfig({ set: [`logging=${setting}`], env: {}, collectProblems: true });
    return (await planApplication(App, { config })).problems.map(({ summary }) => summary);
  };
  expect(await summaries('[web]')).toEqual(['`logging` must be a mapping of options, got a list']);
  expect(await summaries('{ levels: [web] }')).toEqual(['`logging.levels` must be a mapping, got a list']);
  expect(await summaries('{ level: info, file: 5, levels: { mailer: info } }')).toEqual([
    '`logging.file` must be a path, got 5',
    '`logging.levels.mailer` names an unknown component',
  ]);
});

test('levels are not checked if components cannot be found', async () => {
  const config = await loadConfig({ set: ['component.components.x.type=y', 'logging.levels.x=info'], env: {} });
  const { problems } = await planApplication(App, { config });
  expect(problems.map(({ code }) => code)).toEqual(['ERR_COMPONENT_TYPE']);
});
