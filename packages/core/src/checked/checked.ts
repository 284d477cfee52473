/**
 * The `@checked()` decorator: validates the arguments and results of a method during development and tests, and leaves
 * the method unchanged in production. It decides what to check; `wrap.ts` performs the checks.
 */
import { refuseBare } from '../component/decorators.ts';
import { captureSite, type Site } from '../component/place.ts';
import { DecoratorModeError } from '../component/errors.ts';
import { checksAreOn } from '../context/resource-type.ts';
import { UnknownTypeError } from './errors.ts';
import { expectationOf, expectationOfEmitted, type Expectation } from './expectation.ts';
import { parametersOf, emittedTypes, type EmittedTypes } from './parameters.ts';
import type { AllMatch, Matches, Outcome, TypeSpec, YieldOf } from './spec.ts';
import { withChecks } from './wrap.ts';

export interface CheckedOptions {
  /** The expected type of each parameter. `undefined` selects the type that the compiler emitted. */
  readonly args?: readonly TypeSpec[];
  /** The expected type of the return value, of the promise's value, or of the generator's return value. */
  readonly returns?: TypeSpec;
  /** The expected type of the values that the generator yields. */
  readonly yields?: TypeSpec;
}

/** A decorator for methods whose declared types match the options. */
export type CheckedMethod<O extends CheckedOptions> = <F extends (...args: never[]) => unknown>(
  target: object &
    (O extends { readonly args: infer A extends readonly unknown[] } ? AllMatch<A, Parameters<F>> : unknown) &
    (O extends { readonly returns: infer R } ? Matches<R, Outcome<ReturnType<F>>> : unknown) &
    (O extends { readonly yields: infer Y } ? Matches<Y, YieldOf<ReturnType<F>>> : unknown),
  member: PropertyKey,
  descriptor: TypedPropertyDescriptor<F>,
) => void;

/** A decorator for a method, or for a class to check all of its methods. */
export interface Checked {
  (type: abstract new (...args: never[]) => object): void;
  <F extends (...args: never[]) => unknown>(
    target: object,
    member: PropertyKey,
    descriptor: TypedPropertyDescriptor<F>,
  ): void;
}

/**
 * Checks every call of a method: first its arguments, then its result, the value of its promise or the values that it
 * yields. A mismatch throws a {@link CheckError}, which describes the shape of the value but never quotes it. The
 * method is left unchanged if `NODE_ENV` is `production` and `ASPHALT_CHECKS` is not `on`, or if `ASPHALT_CHECKS` is
 * `off`.
 *
 * Expected types are the types that the compiler emits (`emitDecoratorMetadata`) and the schemas and classes in the
 * options. The compiler compares the options with the declared types. A value without an expected type throws an
 * {@link UnknownTypeError}: for a parameter when the method is declared, for a result when it is returned.
 *
 * On a class, it checks all methods. The compiler emits types only for methods that have a decorator.
 */
export function checked(): Checked;
export function checked<const O extends CheckedOptions>(options: O): CheckedMethod<O>;
export function checked(options: CheckedOptions = {}, ...more: readonly unknown[]): Checked {
  if (more.length > 0) refuseBare('@checked', options, ...(more as [unknown, unknown]));
  if (!checksAreOn()) return () => undefined;
  const site = captureSite(checked);
  return (target: object, member?: unknown, descriptor?: PropertyDescriptor): void => {
    if (typeof member === 'object') throw new DecoratorModeError('@checked()', site);
    if (descriptor) checkMember(target, member as PropertyKey, descriptor, options, site);
    else checkMembers((target as { readonly prototype: object }).prototype, site);
  };
}

/** Methods that are already checked, so that a decorator on their class does not wrap them again. */
const checking = new WeakSet<object>();

function checkMembers(prototype: object, site: Site): void {
  const unknown: string[] = [];
  for (const [member, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    const method: unknown = descriptor.value;
    if (member === 'constructor' || typeof method !== 'function' || checking.has(method)) continue;
    if (!emittedTypes(prototype, member)) {
      unknown.push(member);
      continue;
    }
    checkMember(prototype, member, descriptor, {}, site);
    Object.defineProperty(prototype, member, descriptor);
  }
  if (unknown.length === 0) return;
  const methods = unknown.map((member) => `${member}()`).join(', ');
  throw new UnknownTypeError(
    ownerOf(prototype),
    `the compiler emitted no types for ${methods}`,
    'put @checked() on each method: the compiler emits types only for methods with a decorator',
    site,
  );
}

function checkMember(
  target: object,
  member: PropertyKey,
  descriptor: PropertyDescriptor,
  options: CheckedOptions,
  site: Site,
): void {
  const method: unknown = descriptor.value;
  const name = `${ownerOf(target)}.${String(member)}()`;
  if (typeof method !== 'function') {
    throw new UnknownTypeError(name, 'it is not a method', 'remove @checked(), or make it a method', site);
  }
  const emitted = emittedTypes(target, member);
  const { args = [], returns, yields } = options;
  const written = parametersOf(method);
  const count = Math.max(emitted?.parameters.length ?? written.length, args.length);
  const parameters = Array.from({ length: count }, (_, index) => {
    const { name: parameter = String(index + 1), isRest = false } = written[index] ?? {};
    // Compilers differ in the type that they emit for a rest parameter.
    const known = isRest ? undefined : emitted?.parameters[index];
    const expected = expectationOr(args[index], () => expectationOfEmitted(known));
    if (!expected) throw unknownParameter(name, parameter, index, emitted, site);
    return { name: parameter, expected, isRest };
  });
  descriptor.value = withChecks(method as (...args: unknown[]) => unknown, {
    method: name,
    parameters,
    result: expectationOr(returns, () => expectationOfResult(emitted)),
    yields: expectationOr(yields, () => undefined),
  });
  checking.add(descriptor.value as object);
}

function expectationOr(spec: TypeSpec, otherwise: () => Expectation | undefined): Expectation | undefined {
  return spec === undefined ? otherwise() : expectationOf(spec);
}

/** Returns the expectation for a result; undefined for a promise, because the compiler does not emit its value type. */
function expectationOfResult(emitted: EmittedTypes | undefined): Expectation | undefined {
  return emitted?.result === Promise ? undefined : expectationOfEmitted(emitted?.result);
}

function unknownParameter(
  method: string,
  parameter: string,
  index: number,
  emitted: EmittedTypes | undefined,
  site: Site,
): UnknownTypeError {
  const before = index === 0 ? '' : index === 1 ? 'undefined, ' : '…, ';
  const fixes = [
    `specify a schema or a class: @checked({ args: [${before}z.object({ … })] })`,
    `skip the check: @checked({ args: [${before}unchecked] })`,
  ];
  return emitted
    ? new UnknownTypeError(method, `the compiler emitted no usable type for \`${parameter}\``, fixes, site)
    : new UnknownTypeError(
        method,
        'its types were not emitted',
        ['compile it with emitDecoratorMetadata, as asphalt run, tsc and vitest do', ...fixes],
        site,
      );
}

function ownerOf(target: object): string {
  return (typeof target === 'function' ? target : target.constructor).name;
}
