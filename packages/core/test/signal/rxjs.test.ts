import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Signal } from '@asphalt/core';
import { failureOf } from '@asphalt/test-support';
import {
  type ConnectableObservable,
  firstValueFrom,
  from,
  isObservable,
  lastValueFrom,
  map,
  multicast,
  of,
  publish,
  publishBehavior,
  publishReplay,
  refCount,
  Subject,
  switchMap,
  tap,
  throwError,
  toArray,
  type UnaryFunction,
  type Observable,
  type Observer,
} from 'rxjs';
import { describe, expect, test } from 'vitest';
import { adopted } from './adopted.ts';

describe('a signal as an Observable', () => {
  test('works with RxJS functions', async () => {
    const signal = new Signal<number>();
    expect(isObservable(signal)).toBe(true);
    expect(from(signal)).toBe(signal);
    const first = firstValueFrom(signal);
    const inner = firstValueFrom(of('x').pipe(switchMap(() => signal)));
    signal.dispatch(1);
    expect([await first, await inner]).toEqual([1, 1]);
    expect(signal.observed).toBe(false);
  });

  test('completes operators that wait for the end', async () => {
    const { signal, complete } = adopted();
    const all = lastValueFrom(signal.pipe(toArray()));
    const last = lastValueFrom(signal);
    const each = signal.forEach(() => {});
    signal.dispatch('a');
    signal.dispatch('b');
    complete();
    expect([await all, await last, await each]).toEqual([['a', 'b'], 'b', undefined]);
  });

  test('rejects the promise of firstValueFrom() when an operator fails', async () => {
    const signal = new Signal<number>();
    const first = failureOf(() =>
      firstValueFrom(
        signal.pipe(
          map(() => {
            throw new RangeError('far');
          }),
        ),
      ),
    );
    signal.dispatch(1);
    expect(await first).toBeInstanceOf(RangeError);
  });

  test('calls the present methods of an observer, as other Observables do', () => {
    const { signal, complete } = adopted();
    const events: string[] = [];
    const observers = [signal, signal.pipe(map((event) => event)), new Subject<string>()].map((source) => {
      const observer: Partial<Observer<string>> = {};
      source.subscribe(observer);
      observer.next = (event) => events.push(event);
      observer.complete = () => events.push('end');
      return { source, observer };
    });
    const dispatch = (event: string): void => {
      signal.dispatch(event);
      (observers[2]!.source as Subject<string>).next(event);
    };
    dispatch('1');
    for (const { observer } of observers) observer.next = (event) => events.push(`other ${event}`);
    dispatch('2');
    complete();
    (observers[2]!.source as Subject<string>).complete();
    expect(events).toEqual(['1', '1', '1', 'other 2', 'other 2', 'other 2', 'end', 'end', 'end']);
  });

  test('can be used by another copy of RxJS', async () => {
    const require = createRequire(import.meta.url);
    const copy = require(
      join(dirname(require.resolve('rxjs/package.json')), 'dist/bundles/rxjs.umd.js'),
    ) as typeof import('rxjs');
    expect(copy.Observable).not.toBe(Object.getPrototypeOf(Signal));
    const signal = new Signal<number>();
    const events: number[] = [];
    const subscription = copy
      .from(signal)
      .pipe(copy.map((x) => x * 2))
      .subscribe((event) => events.push(event));
    const direct = (signal.pipe(copy.map((x: number) => x * 3) as never) as Signal<number>).subscribe((event) =>
      events.push(event),
    );
    signal.dispatch(1);
    expect(events).toEqual([2, 3]);
    subscription.unsubscribe();
    direct.unsubscribe();
    expect(signal.observed).toBe(false);
  });
});

describe('the deprecated operators that connect', () => {
  type Connect = UnaryFunction<Observable<string>, ConnectableObservable<string>>;

  test.each<[string, Connect]>([
    ['publish', publish() as Connect],
    ['publishReplay', publishReplay(1) as Connect],
    ['publishBehavior', publishBehavior('first') as Connect],
    ['multicast', multicast(() => new Subject<string>()) as Connect],
  ])('%s can be followed by other operators, whose errors are reported', (_, connect) => {
    for (const derive of [(signal: Signal<string>) => signal, (signal: Signal<string>) => signal.pipe(map((x) => x))]) {
      const { signal, reports } = adopted();
      const events: string[] = [];
      const shared = derive(signal).pipe(
        connect,
        refCount(),
        map((event) => event.toUpperCase()),
      );
      const subscription = shared.subscribe((event) => events.push(event));
      shared.subscribe(() => {
        throw new Error('broken');
      });
      signal.dispatch('page');
      expect(events).toContain('PAGE');
      expect(reports.map((report) => report.signal)).toEqual(events.map(() => 'Detector.changed'));
      subscription.unsubscribe();
    }
  });

  test('subscribers of a late refCount receive the replayed event', () => {
    const signal = new Signal<number>();
    const events: number[] = [];
    const shared = signal.pipe(publishReplay(1), refCount());
    const first = shared.subscribe();
    signal.dispatch(1);
    shared.subscribe((event) => events.push(event)).unsubscribe();
    first.unsubscribe();
    expect([events, signal.observed]).toEqual([[1], false]);
  });

  test('can follow each other', () => {
    const { signal } = adopted();
    const outer = publish()(publish()(signal));
    const events: unknown[] = [];
    outer.pipe(map(String)).subscribe((event) => events.push(event));
    const connected = [outer.connect(), (outer.source as ConnectableObservable<unknown>).connect()];
    signal.dispatch('page');
    connected.forEach((connection) => connection.unsubscribe());
    expect([events, signal.observed]).toEqual([['page'], false]);
  });
});

describe('a signal as an observer', () => {
  test('dispatches the events of an Observable and does not complete with it', () => {
    const { signal, reports } = adopted();
    const events: string[] = [];
    signal.subscribe({ next: (event) => events.push(event), complete: () => events.push('completed') });
    of('a', 'b').subscribe(signal);
    of('c').pipe(tap(signal)).subscribe();
    signal.dispatch('d');
    expect(events).toEqual(['a', 'b', 'c', 'd']);
    expect(reports).toEqual([]);
  });

  test('dispatches the events of another signal and of its operators', () => {
    const [source, target] = [adopted(), adopted()];
    const events: string[] = [];
    target.signal.subscribe((event) => events.push(event));
    source.signal.subscribe(target.signal);
    source.signal.pipe(map((event) => event.toUpperCase())).subscribe(target.signal);
    source.signal.dispatch('a');
    expect(events).toEqual(['a', 'A']);
    source.complete();
    target.signal.dispatch('b');
    expect(events).toEqual(['a', 'A', 'b']);
  });

  test('reports the error of an Observable and receives later events of others', () => {
    const { signal, reports } = adopted();
    const events: string[] = [];
    signal.subscribe((event) => events.push(event));
    const error = new Error('broken');
    throwError(() => error).subscribe(signal);
    of('later').subscribe(signal);
    expect(reports).toEqual([{ error, signal: 'Detector.changed' }]);
    expect(events).toEqual(['later']);
  });
});
