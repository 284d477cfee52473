/** A resource that is looked up when it is used instead of before the component is made. */
export interface Deferred<T> {
  /** @throws when the resource has not been published yet. */
  get(): T;
}
