/**
 * The one file that loads RxJS: of it, only what an Observable is made of. Its index would load more than two hundred
 * files, which is more than half of the time that an application takes to load the runtime. The package exports these
 * paths, and they give the very classes that its index gives.
 */
export { Observable } from 'rxjs/internal/Observable';
export { Subscriber } from 'rxjs/internal/Subscriber';
export { Subscription } from 'rxjs/internal/Subscription';
