/** Plans from tables equal plans that are built, and every difference between a build and a start is found. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Plan } from '@asphalt/core';
import { planTables, PreparedPlan, type PlanTables } from '@asphalt/core/built';
import { describePlan, planApplication, readyOrder } from '@asphalt/core/inspect';
import { recordingLogger } from '@asphalt/test-support';
import { applicationOf, specs } from './random-components.ts';

/** Returns the tables of a plan after a round trip through JSON. */
function tablesOf(plan: Plan): PlanTables {
  const tables = planTables(plan);
  if ('obstacle' in tables) throw new Error(tables.obstacle);
  return JSON.parse(JSON.stringify(tables)) as PlanTables;
}

/** Returns a plan as data that compares nodes by path, and identifiers and declarations by identity. */
function flat(plan: Plan): object {
  return {
    ...plan,
    root: plan.root.path,
    components: plan.components.map(({ node, ...planned }) => ({ ...planned, node: node.path })),
    steps: plan.steps.map(({ node, provider, ...step }) => {
      return { ...step, node: node.path, provider: provider && plan.providers.indexOf(provider) };
    }),
    providers: plan.providers.map(({ node, ...provider }) => ({ ...provider, node: node.path })),
    healthChecks: plan.healthChecks.map(({ node, ...check }) => ({ ...check, node: node.path })),
    ready: readyOrder(plan),
    description: describePlan(plan),
  };
}

test('plans of random applications are equal whether they come from tables or are built', async () => {
  const counts = { problems: 0, needs: 0, keysOfHandlers: 0, lookups: 0 };
  const property = fc.asyncProperty(specs, async (all) => {
    const root = applicationOf(all);
    const plan = await planApplication(root);
    if (plan.problems.length > 0) {
      // A component that provides in `start()` and that a descendant needs is a cycle.
      expect(planTables(plan)).toEqual({ obstacle: 'its plan has problems' });
      counts.problems += 1;
      return;
    }
    const { logger, lines } = recordingLogger();
    const prepared = new PreparedPlan(tablesOf(plan));
    const again = await planApplication(root, { prepared, logger });
    expect(lines).toEqual([]);
    expect(flat(again)).toEqual(flat(plan));
    counts.needs += plan.components.flatMap(({ node }) => node.declarations.needs).length;
    counts.lookups += plan.components.flatMap(({ lookups }) => lookups).length;
    counts.keysOfHandlers += plan.components.flatMap(({ handlers }) => handlers.flatMap(({ keys }) => keys)).length;
  });
  await fc.assert(property, { numRuns: 100 });
  expect(Math.min(...Object.values(counts))).toBeGreaterThan(10);
});
