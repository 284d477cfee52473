/** A class that the runtime can make components of. */
// oxlint-disable-next-line typescript/no-explicit-any -- constructor parameters are checked by `@inject`, one by one
export type ComponentClass<T extends object = object> = new (...args: any[]) => T;
