import { describe, expect, it } from 'vitest';
import { chainGraph, layeredGraph } from '../src/start/graph.ts';
import { findFault, started, stopped } from '../src/start/ledger.ts';

const graph = chainGraph(2);
const [below, above] = [{}, {}];

function startBoth(): void {
  started(0, below, []);
  started(1, above, [below]);
}

describe('the ledger', () => {
  it('accepts services that start after their needs and stop before them', () => {
    startBoth();
    stopped(1);
    stopped(0);
    expect(findFault(graph, 'each before its needs')).toBeUndefined();
  });

  it('reports a service that is not started', () => {
    started(0, below, []);
    expect(findFault(graph, 'not at all')).toBe('1 of 2 services started');
  });

  it('reports a service that receives another object than its need', () => {
    started(0, below, []);
    started(1, above, [{}]);
    expect(findFault(graph, 'not at all')).toBe('service 1 started without its needs');
  });

  it('reports a service that starts before its needs', () => {
    started(1, above, [below]);
    started(0, below, []);
    expect(findFault(graph, 'not at all')).toBe('service 1 started without its needs');
  });

  it('reports a service that stops before its dependents, if the subject promises that order', () => {
    startBoth();
    stopped(0);
    stopped(1);
    expect(findFault(graph, 'each before its needs')).toBe('service 0 stopped before service 1, which needs it');
    startBoth();
    stopped(0);
    stopped(1);
    expect(findFault(graph, 'in any order')).toBeUndefined();
  });

  it('reports services that keep running, and services that stop against the promise', () => {
    startBoth();
    stopped(1);
    expect(findFault(graph, 'in any order')).toBe('1 of 2 services stopped');
    startBoth();
    stopped(1);
    expect(findFault(graph, 'not at all')).toBe('1 services stopped unexpectedly');
  });
});

describe('a graph', () => {
  it('of layers has three needs per service above the first layer, all in the previous layer', () => {
    const { services, tops, criticalMs } = layeredGraph(101, () => 5);
    expect(services.slice(0, 50).every(({ needs }) => needs.length === 0)).toBe(true);
    expect(services.slice(50).every(({ needs }) => new Set(needs).size === 3)).toBe(true);
    expect(services[60]!.needs).toEqual([10, 11, 17]);
    expect(criticalMs).toBe(15);
    expect(tops).toContain(100);
    expect(tops).not.toContain(0);
  });
});
