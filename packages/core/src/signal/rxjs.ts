/**
 * The one file that loads RxJS: of it, only what an Observable is made of. Its index would load more than two hundred
 * files, which is more than half of the time that an application takes to load the runtime. The package exports these
 * paths, and they give the very classes that its index gives. They are CommonJS, which Node loads faster by `require`
 * than by `import`.
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
