/**
 * The only file that loads RxJS. It loads the two classes that an Observable consists of, because the index of RxJS loads
 * more than 200 files, and every import of a CommonJS module costs a millisecond (benchmark `cli-hello`). The package
 * exports these paths, and their classes are identical to those of its index, in Node and in bundles.
 */
export { Observable } from 'rxjs/internal/Observable';
export { Subscription } from 'rxjs/internal/Subscription';
export type { Subscriber } from 'rxjs';
