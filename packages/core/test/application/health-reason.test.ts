import {
  child,
  component,
  Component,
  defineConfig,
  health,
  listOf,
  mapOf,
  startApplication,
  type ComponentClass,
} from '@asphalt/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const options = defineConfig({
  url: { doc: 'The server', format: 'url', sensitive: true, default: 'redis://ada:l%C3%B6vel%25ace@db:6379' },
  key: { doc: 'A key', format: 'string', sensitive: true, default: 'first line\nsecond line' },
  pin: { doc: 'A short secret', format: 'string', sensitive: true, default: 'abc' },
  code: { doc: 'A number', format: 'int', sensitive: true, default: 918_273 },
  digits: { doc: 'A short number', format: 'int', sensitive: true, default: 123 },
  port: { doc: 'No secret', format: 'port', default: 6379 },
  login: {
    doc: 'A section',
    format: defineConfig({ password: { doc: 'A password', format: 'string', sensitive: true } }),
    default: { password: 'in-a-section' },
  },
  logins: {
    doc: 'Sections',
    format: listOf(defineConfig({ password: { doc: 'A password', format: 'string', sensitive: true } })),
    default: [{ password: 'in-a-list' }],
  },
  keys: {
    doc: 'Sections',
    format: mapOf(defineConfig({ password: { doc: 'A password', format: 'string', sensitive: true } })),
    default: { one: { password: 'in-a-map' } },
  },
  header: { doc: 'Data', format: 'object', sensitive: true, default: { authorization: ['Bearer token'] } },
});

@component({ config: options })
class Secrets extends Component<typeof options> {}

/** Returns the reason of a check that throws a value, in an application with secrets in another component. */
async function reasonFor(thrown: unknown, secrets: ComponentClass = Secrets): Promise<string | undefined> {
  class Checked extends Component {
    @health() ping(): never {
      throw thrown;
    }
  }
  @component({ components: { secrets, checked: Checked } })
  class App extends Component {}
  await using app = await startApplication(App);
  const { checks } = await app.health();
  return checks[0]?.reason;
}

describe('the reason of a failed check', () => {
  test('values of sensitive options of any component are masked', async () => {
    const secrets = ['lövel%ace', 'second line', 'in-a-section', 'in-a-list', 'in-a-map', 'Bearer token'];
    expect(await reasonFor(new Error(`WRONGPASS ${secrets.join(', ')} on port 6379`))).toBe(
      'Error: WRONGPASS ***, ***, ***, ***, ***, *** on port 6379',
    );
  });

  test('a sensitive value is masked as a whole if it contains another one', async () => {
    expect(await reasonFor(new Error('cannot reach redis://ada:l%C3%B6vel%25ace@db:6379'))).toBe(
      'Error: cannot reach ***',
    );
  });

  test('logins in URLs are masked even if no option contains them', async () => {
    expect(await reasonFor(new Error('cannot reach amqp://ada:other@mq:5672/'))).toBe(
      'Error: cannot reach amqp://***@mq:5672/',
    );
  });

  test('a sensitive value of up to three characters is not masked, because words contain it', async () => {
    expect(await reasonFor(new Error('abcdef'))).toBe('Error: abcdef');
  });

  test('sensitive numbers are masked', async () => {
    expect(await reasonFor(new Error('code 918273 of 123 is wrong'))).toBe('Error: code *** of 123 is wrong');
  });

  test('the encoded value of a sensitive option is not found', async () => {
    const encoded = Buffer.from('second line').toString('base64');
    expect(await reasonFor(new Error(encoded))).toBe(`Error: ${encoded}`);
  });

  test('characters that control a terminal are escaped', async () => {
    expect(await reasonFor(new Error('\u001b[31mred\u001b[0m \u202egnol'))).toBe(
      String.raw`Error: \u{1b}[31mred\u{1b}[0m \u{202e}gnol`,
    );
  });

  test('only the first line is kept, and at most 200 characters', async () => {
    expect(await reasonFor(new Error('one\ntwo'))).toBe('Error: one');
    expect(await reasonFor(new Error('x'.repeat(1000)))).toBe(`Error: ${'x'.repeat(193)}…`);
  });

  test('a character of two code units at the limit is omitted, not split', async () => {
    expect(await reasonFor(new Error(`${'x'.repeat(192)}😀 and more`))).toBe(`Error: ${'x'.repeat(192)}…`);
  });

  test('the reason of a runtime error is its summary', async () => {
    class Checked extends Component {
      @health() ping(): void {
        this.context.getResourceSync(Secrets);
      }
    }
    await using app = await startApplication(Checked);
    const { checks } = await app.health();
    expect(checks[0]?.reason).toBe('No resource of type `Secrets` named "default" in context "Checked"');
  });

  test('a thrown value that is no error has a reason', async () => {
    expect(await reasonFor(undefined)).toBe('threw a non-Error value: undefined');
    expect(await reasonFor('text')).toBe('threw a non-Error value: "text"');
  });

  test('no text and no secret makes a reason of several lines, or one that contains the secret', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 30 });
    const secret = fc.string({ unit: 'grapheme-ascii', minLength: 8, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(text, secret, text, async (before, key, after) => {
        @component({ components: { secrets: child(Secrets, { key }) } })
        class WithKey extends Component {}
        const reason = await reasonFor(new Error(before + key + after), WithKey);
        expect(reason).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
        expect(reason).not.toContain(key);
      }),
      { numRuns: 50 },
    );
  });
});
