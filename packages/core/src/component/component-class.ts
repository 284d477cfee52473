/** A class whose instances are components. */
// oxlint-disable-next-line typescript/no-explicit-any -- constructor parameters are checked by `@inject`, one by one
export type ComponentClass<T extends object = object> = new (...args: any[]) => T;
