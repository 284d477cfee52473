import { Context, Signal } from '@asphalt/core';
import { of } from 'rxjs';
import { describe, expect, test } from 'vitest';

describe('until()', () => {
  test('completes a subscription when the context closes, in teardown order', async () => {
    const events: string[] = [];
    const source = new Signal<string>();
    const context = new Context();
    context.onTeardown(() => source.dispatch('too late'));
    source
      .pipe(context.until())
      .subscribe({ next: (event) => events.push(event), complete: () => events.push('completed') });
    context.onTeardown(() => source.dispatch('in time'));
    source.dispatch('first');
    await context.close();
    expect(events).toEqual(['first', 'in time', 'completed']);
    expect(source.observed).toBe(false);
  });

  test('completes a subscription immediately if the context is closed', async () => {
    const source = new Signal<string>();
    const context = new Context();
    const ended = source.pipe(context.until());
    await context.close();
    let completed = 0;
    ended.subscribe({ complete: () => completed++ });
    expect([completed, source.observed]).toEqual([1, false]);
  });

  test('completes a subscription that a teardown creates before the next teardown runs', async () => {
    const events: string[] = [];
    const source = new Signal<string>();
    const context = new Context();
    const ending = source.pipe(context.until());
    context.onTeardown(() => {
      source.dispatch('older');
      events.push('older');
    });
    context.onTeardown(() => {
      ending.subscribe({ next: (event) => events.push(event), complete: () => events.push('completed') });
    });
    await context.close();
    expect(events).toEqual(['completed', 'older']);
  });

  test('completes an Observable that ended earlier only once', async () => {
    const events: string[] = [];
    const context = new Context();
    of('one')
      .pipe(context.until())
      .subscribe({ next: (event) => events.push(event), complete: () => events.push('completed') });
    await context.close();
    expect(events).toEqual(['one', 'completed']);
  });
});
