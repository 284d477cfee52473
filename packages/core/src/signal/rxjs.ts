/**
 * The only file that loads RxJS. It loads the three classes of an Observable, because the index of RxJS loads more than
 * 200 files. The package exports these paths, and their classes are identical to those of its index. They are CommonJS
 * modules, so they are loaded with `require`.
 */
import { createRequire } from 'node:module';
import type * as rxjs from 'rxjs';

const require = createRequire(import.meta.url);

export const { Observable } = require('rxjs/internal/Observable') as Pick<typeof rxjs, 'Observable'>;
export type Observable<T> = rxjs.Observable<T>;

export const { Subscriber } = require('rxjs/internal/Subscriber') as Pick<typeof rxjs, 'Subscriber'>;
export type Subscriber<T> = rxjs.Subscriber<T>;

export const { Subscription } = require('rxjs/internal/Subscription') as Pick<typeof rxjs, 'Subscription'>;
export type Subscription = rxjs.Subscription;
