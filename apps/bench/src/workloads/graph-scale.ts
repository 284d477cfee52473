/** Measures how the time to build and check a plan grows with the application. */
import type { Workload } from '../harness/workload.ts';

export function graphScale(nodes: number): Workload {
  return {
    name: `graph-scale-${nodes}`,
    measures: `The plan of an application of ${nodes} nodes is built and checked; every second node is a component, every other one its provider with three needs.`,
    unit: 'ms',
    target: 'linear; 100,000 nodes in ≤ 2 s',
    subjects: [{ name: 'asphalt', package: '@asphalt/core' }],
    async sample(_subject, effort) {
      const { planTime } = await import('../graph-scale/asphalt.ts');
      const components = (effort === 'smoke' ? 200 : nodes) / 2;
      const value = await planTime(components);
      return { value, beside: { 'µs per node': (value * 1000) / (components * 2) } };
    },
  };
}
