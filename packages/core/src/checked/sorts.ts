/** What may be said about the type of a value, and how the compiler compares that with the declared type. */
import type { StandardSchema } from '../config/standard-schema.ts';

/** Says that a value is not to be checked, where nothing is known about it. */
export const unchecked: unique symbol = Symbol('unchecked');

/** A schema (of zod, valibot, arktype, …), a class (`String` and its like for primitives), or {@link unchecked}. */
export type Sort = StandardSchema<unknown, unknown> | Class | typeof unchecked | undefined;

export type Class = (abstract new (...args: never[]) => unknown) | BigIntConstructor | SymbolConstructor;

/** What the compiler names when the sort of a value differs from its declared type. */
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

/** What a sort lets pass, and what its schema says that it is then. */
type InputOf<S> = S extends StandardSchema<infer I, unknown> ? I : ValueOf<S>;
type OutputOf<S> = S extends StandardSchema<unknown, infer O> ? O : ValueOf<S>;
type ValueOf<S> = [PrimitiveOf<S>] extends [never]
  ? S extends abstract new (...args: never[]) => infer T
    ? T
    : unknown
  : PrimitiveOf<S>;

/** `unknown` when the sort lets pass what is declared and nothing else; otherwise a type that nothing has. */
export type Matches<S, Declared> = [S] extends [typeof unchecked | undefined]
  ? unknown
  : [Declared] extends [Readonly<InputOf<S>> | InputOf<S>]
    ? [OutputOf<S>] extends [Declared]
      ? unknown
      : DoesNotMatch<OutputOf<S>, Declared>
    : DoesNotMatch<InputOf<S>, Declared>;

/** The same for each of several parameters. */
export type AllMatch<Sorts extends readonly unknown[], Declared extends readonly unknown[]> = Sorts extends readonly [
  infer S,
  ...infer Others,
]
  ? Declared extends readonly []
    ? DoesNotMatch<S, never>
    : Declared extends readonly [unknown?, ...infer Rest]
      ? Matches<S, Declared[0]> & AllMatch<Others, Rest>
      : unknown
  : unknown;

/** What a method's result is when it has been waited for. */
export type Outcome<R> = R extends Generator<unknown, infer T> | AsyncGenerator<unknown, infer T> ? T : Awaited<R>;

/** What a generator method yields. */
export type YieldOf<R> = R extends Generator<infer Y> | AsyncGenerator<infer Y> ? Y : never;
