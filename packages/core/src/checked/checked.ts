/**
 * `@checked()`: a method whose arguments and results are compared with their types while it is developed and tested,
 * and which is left as it is in production.
 */
import { captureSite, type Site } from '../component/place.ts';
import { DecoratorModeError } from '../component/decorator-mode-error.ts';
import { checksAreOn } from '../context/resource-type.ts';
import { UnknownTypeError } from './errors.ts';
import { expectationOf, expectationOfEmitted, type Expectation } from './expectation.ts';
import { emittedTypes, loadMetadata, type EmittedTypes } from './metadata.ts';
import { parametersOf } from './parameters.ts';
import type { AllMatch, Matches, Outcome, Sort, YieldOf } from './sorts.ts';
import { withChecks } from './wrap.ts';

export interface CheckedOptions {
  /** One for each parameter; where it is `undefined`, what the compiler emitted holds. */
  readonly args?: readonly Sort[];
  /** What the method returns, what its promise resolves with, or what its generator returns. */
  readonly returns?: Sort;
  /** What its generator yields. */
  readonly yields?: Sort;
}

type Method = (...args: never[]) => unknown;

/** A decorator of a method with the types that its sorts allow. */
export type CheckedMethod<O extends CheckedOptions> = <F extends Method>(
  target: object &
    (O extends { readonly args: infer A extends readonly unknown[] } ? AllMatch<A, Parameters<F>> : unknown) &
    (O extends { readonly returns: infer R } ? Matches<R, Outcome<ReturnType<F>>> : unknown) &
    (O extends { readonly yields: infer Y } ? Matches<Y, YieldOf<ReturnType<F>>> : unknown),
  member: PropertyKey,
  descriptor: TypedPropertyDescriptor<F>,
) => void;

/** A decorator of a method, or of a class all of whose methods it checks. */
export interface Checked {
  (type: abstract new (...args: never[]) => object): void;
  <F extends Method>(target: object, member: PropertyKey, descriptor: TypedPropertyDescriptor<F>): void;
}

/**
 * Checks every call of a method: its arguments before it runs, then what it returns, resolves with or yields. A
 * {@link CheckError} tells what does not fit, by its shape and not by its value. In production, when `NODE_ENV` says
 * so or `ASPHALT_CHECKS` is `off`, the method stays the very function that it is.
 *
 * Types are those that the compiler emits (`emitDecoratorMetadata`), and the schemas and classes that are given, which
 * the compiler compares with the declared types. What neither tells is refused with an {@link UnknownTypeError}: a
 * parameter where the method is declared, a result when it comes.
 *
 * On a class it checks all of its methods; the compiler emits types only for those that have a decorator.
 */
export function checked(): Checked;
export function checked<const O extends CheckedOptions>(options: O): CheckedMethod<O>;
export function checked(options: CheckedOptions = {}): Checked {
  if (!checksAreOn()) return () => undefined;
  // Evaluated before the compiler's own decorators, which emit nothing where this is not loaded.
  loadMetadata();
  const site = captureSite(checked);
  return (target: object, member?: unknown, descriptor?: PropertyDescriptor): void => {
    if (typeof member === 'object') throw new DecoratorModeError('@checked()', site);
    if (descriptor) checkMember(target, member as PropertyKey, descriptor, options, site);
    else checkMembers((target as { readonly prototype: object }).prototype, site);
  };
}

/** The methods that check their calls, so that a decorated class does not check them again. */
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
    `no compiler emits the types of ${methods}`,
    'put @checked() on each method instead: types are emitted for what has a decorator',
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
    throw new UnknownTypeError(name, 'it is no method', 'take it away, or make it a method', site);
  }
  const emitted = emittedTypes(target, member);
  const { args = [], returns, yields } = options;
  const written = parametersOf(method);
  const count = Math.max(emitted?.parameters.length ?? written.length, args.length);
  const parameters = Array.from({ length: count }, (_, index) => {
    const { name: parameter = String(index + 1), isRest = false } = written[index] ?? {};
    // Of a parameter that takes the rest, compilers emit different things.
    const known = isRest ? undefined : emitted?.parameters[index];
    const expected = sortOr(args[index], () => expectationOfEmitted(known));
    if (!expected) throw unknownParameter(name, parameter, index, emitted, site);
    return { name: parameter, expected, isRest };
  });
  descriptor.value = withChecks(method as (...args: unknown[]) => unknown, {
    method: name,
    parameters,
    result: sortOr(returns, () => expectationOfResult(emitted)),
    yields: sortOr(yields, () => undefined),
  });
  checking.add(descriptor.value as object);
}

function sortOr(sort: Sort, otherwise: () => Expectation | undefined): Expectation | undefined {
  return sort === undefined ? otherwise() : expectationOf(sort);
}

/** Of a promise the compiler tells no more than that it is one. */
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
  const say = [
    `say what it must be, a schema or a class: @checked({ args: [${before}z.object({ … })] })`,
    `let it pass: @checked({ args: [${before}unchecked] })`,
  ];
  return emitted
    ? new UnknownTypeError(method, `no compiler tells more of \`${parameter}\` than that it is a value`, say, site)
    : new UnknownTypeError(
        method,
        'its types were not emitted',
        ['have it compiled with emitDecoratorMetadata, as asphalt run, tsc and vitest do', ...say],
        site,
      );
}

function ownerOf(target: object): string {
  return (typeof target === 'function' ? target : target.constructor).name;
}
