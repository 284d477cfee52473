import { expect, test } from 'vitest';
import { parametersOf } from '../../src/checked/parameters.ts';

function read(method: object): string[] {
  return parametersOf(method).map(({ name = '?', isRest }) => (isRest ? `...${name}` : name));
}

test('parametersOf() reads the names of parameters from the source of a function', () => {
  class Methods {
    none(): void {}
    plain(_a: string, $b: number): unknown {
      return [_a, $b];
    }
    defaults(_text = 'a, (b) "c"', _list = [1, 2], _call = Math.max(1, 2), _template = `\`, )`): void {}
    patterns({ a, b }: { a: string; b: string }, [c]: string[], last: string): unknown {
      return [a, b, c, last];
    }
    rest(_first: string, ..._others: string[]): void {}
    async *generator(_größe: number): AsyncGenerator<number> {
      yield _größe;
    }
    static async ofClass(_name: string): Promise<void> {}
  }
  const methods = Methods.prototype;
  expect(read(methods.none)).toEqual([]);
  expect(read(methods.plain)).toEqual(['_a', '$b']);
  expect(read(methods.defaults)).toEqual(['_text', '_list', '_call', '_template']);
  expect(read(methods.patterns)).toEqual(['?', '?', 'last']);
  expect(read(methods.rest)).toEqual(['_first', '..._others']);
  expect(read(methods.generator)).toEqual(['_größe']);
  expect(read(Methods.ofClass)).toEqual(['_name']);
  expect(read(Math.max)).toEqual([]);
});
