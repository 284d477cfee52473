/** A resource that is looked up when it is used, not before the component is created. */
export interface Deferred<T> {
  /**
   * Returns the resource.
   *
   * @throws if the resource is not published yet
   */
  get(): T;
}
