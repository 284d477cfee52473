/** Checks arguments and results of methods at run time, in development and tests. */
export { checked, type Checked, type CheckedMethod, type CheckedOptions } from '../checked/checked.ts';
export { unchecked, type ExpectedClass, type TypeSpec } from '../checked/spec.ts';
