/** The expected types that options may specify, and their comparison with the declared types by the compiler. */
import type { StandardSchema } from '../config/schema.ts';

/** Marks a value without a known type that is not to be checked. */
export const unchecked: unique symbol = Symbol('unchecked');

/** A schema (zod, valibot, arktype, …), a class (`String`, `Number`, … for primitives), or {@link unchecked}. */
export type TypeSpec = StandardSchema<unknown, unknown> | ExpectedClass | typeof unchecked | undefined;

/** A class, an abstract class, or the constructor function of a primitive. */
export type ExpectedClass = (abstract new (...args: never[]) => unknown) | BigIntConstructor | SymbolConstructor;

/** The compiler error for an expected type that differs from the declared type. */
export interface DoesNotMatch<Checked, Declared> {
  readonly checked: Checked;
  readonly declared: Declared;
}

interface Primitives {
  readonly string: readonly [StringConstructor, string];
  readonly number: readonly [NumberConstructor, number];
  readonly boolean: readonly [BooleanConstructor, boolean];
  readonly bigint: readonly [BigIntConstructor, bigint];
  readonly symbol: readonly [SymbolConstructor, symbol];
}

type PrimitiveOf<S> = {
  [K in keyof Primitives]: S extends Primitives[K][0] ? Primitives[K][1] : never;
}[keyof Primitives];

/** The input that an expected type accepts, and the output type that its schema declares. */
type InputOf<S> = S extends StandardSchema<infer I, unknown> ? I : ValueOf<S>;
type OutputOf<S> = S extends StandardSchema<unknown, infer O> ? O : ValueOf<S>;
type ValueOf<S> = [PrimitiveOf<S>] extends [never]
  ? S extends abstract new (...args: never[]) => infer T
    ? T
    : unknown
  : PrimitiveOf<S>;

/** `unknown` if the expected type accepts exactly the declared type; otherwise a type that no value has. */
export type Matches<S, Declared> = [S] extends [typeof unchecked | undefined]
  ? unknown
  : [Declared] extends [Readonly<InputOf<S>> | InputOf<S>]
    ? [OutputOf<S>] extends [Declared]
      ? unknown
      : DoesNotMatch<OutputOf<S>, Declared>
    : DoesNotMatch<InputOf<S>, Declared>;

/** Applies {@link Matches} to each of several parameters. */
export type AllMatch<Specs extends readonly unknown[], Declared extends readonly unknown[]> = Specs extends readonly [
  infer S,
  ...infer Others,
]
  ? Declared extends readonly []
    ? DoesNotMatch<S, never>
    : Declared extends readonly [unknown?, ...infer Rest]
      ? Matches<S, Declared[0]> & AllMatch<Others, Rest>
      : unknown
  : unknown;

/** The awaited result of a method, or the return value of its generator. */
export type Outcome<R> = R extends Generator<unknown, infer T> | AsyncGenerator<unknown, infer T> ? T : Awaited<R>;

/** The type of the values that a generator method yields. */
export type YieldOf<R> = R extends Generator<infer Y> | AsyncGenerator<infer Y> ? Y : never;
