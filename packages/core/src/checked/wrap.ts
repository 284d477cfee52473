/** Wraps methods in functions that check their arguments and results. It does not decide which types are expected. */
import { captureSite } from '../component/place.ts';
import { isThenable, isYielding, type Yielding } from '../context/teardown.ts';
import { CheckError, UnknownTypeError } from './errors.ts';
import { shapeOf, type Expectation } from './expectation.ts';

/** The expected types of a method. */
export interface Signature {
  /** The name for messages: `User.rename()`. */
  readonly method: string;
  readonly parameters: readonly CheckedParameter[];
  /** Undefined if the type is unknown. Only `undefined` is then a valid result. */
  readonly result: Expectation | undefined;
  readonly yields: Expectation | undefined;
}

export interface CheckedParameter {
  readonly name: string;
  readonly expected: Expectation;
  /** Whether it is a rest parameter, whose type applies to all further arguments. */
  readonly isRest: boolean;
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Returns a function of the same name and length that checks every call of `method`. */
export function withChecks(method: Method, signature: Signature): Method {
  const checked = function (this: unknown, ...args: unknown[]): unknown {
    signature.parameters.forEach(({ name, expected, isRest }, index) => {
      const subject = `\`${name}\` of ${signature.method}`;
      for (const arg of isRest ? args.slice(index) : [args[index]])
        check(signature.method, subject, expected, arg, checked);
    });
    const result = method.apply(this, args);
    if (isYielding(result)) return isAsync(result) ? checkedAsync(result, signature) : checkedSync(result, signature);
    if (isThenable(result)) return result.then((value) => checkedResult(value, signature));
    return checkedResult(result, signature);
  };
  Object.defineProperties(checked, { name: { value: method.name }, length: { value: method.length } });
  return checked;
}

function check(method: string, subject: string, expected: Expectation, value: unknown, callee?: Method): void {
  const issues = expected.faults(value);
  if (!issues) return;
  const caller = callee && captureSite(callee);
  const error = new CheckError(method, subject, expected.must, shapeOf(value), issues, caller);
  // The caller is at fault, so its frame is the first in the stack.
  if (callee) Error.captureStackTrace(error, callee);
  throw error;
}

function checkedResult(value: unknown, { method, result }: Signature): unknown {
  checkOutgoing(method, `The result of ${method}`, 'returns', result, value);
  return value;
}

function checkYielded(value: unknown, { method, yields }: Signature): void {
  checkOutgoing(method, `A value yielded by ${method}`, 'yields', yields, value);
}

/** Checks a result or a yielded value. Without a known type, only `undefined` is accepted. */
function checkOutgoing(
  method: string,
  subject: string,
  option: 'returns' | 'yields',
  expected: Expectation | undefined,
  value: unknown,
): void {
  if (expected) check(method, subject, expected, value);
  else if (value !== undefined) {
    throw new UnknownTypeError(method, `it ${option} ${shapeOf(value)}, but the type is unknown`, [
      `specify a schema or a class: @checked({ ${option}: … })`,
      `skip the check: @checked({ ${option}: unchecked })`,
    ]);
  }
}

function isAsync(generator: Yielding<unknown>): generator is AsyncGenerator<unknown, unknown, unknown> {
  return Symbol.asyncIterator in generator;
}

/** The value or the error with which the consumer resumes a generator. */
type Resumption = { readonly value: unknown } | { readonly thrown: unknown };

function* checkedSync(inner: Generator<unknown, unknown, unknown>, signature: Signature): Generator {
  let finished = false;
  try {
    let step = inner.next();
    while (step.done !== true) {
      checkYielded(step.value, signature);
      let resumption: Resumption;
      try {
        resumption = { value: yield step.value };
      } catch (thrown) {
        resumption = { thrown };
      }
      step = 'thrown' in resumption ? inner.throw(resumption.thrown) : inner.next(resumption.value);
    }
    finished = true;
    return checkedResult(step.value, signature);
  } finally {
    if (!finished) inner.return(undefined);
  }
}

async function* checkedAsync(
  inner: AsyncGenerator<unknown, unknown, unknown>,
  signature: Signature,
): AsyncGenerator<unknown, unknown, unknown> {
  let finished = false;
  try {
    let step = await inner.next();
    while (step.done !== true) {
      checkYielded(step.value, signature);
      let resumption: Resumption;
      try {
        resumption = { value: yield step.value };
      } catch (thrown) {
        resumption = { thrown };
      }
      step = await ('thrown' in resumption ? inner.throw(resumption.thrown) : inner.next(resumption.value));
    }
    finished = true;
    return checkedResult(step.value, signature);
  } finally {
    if (!finished) await inner.return(undefined);
  }
}
