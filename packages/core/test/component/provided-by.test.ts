import { problemOf } from '@asphalt/test-support';
import { expect, test } from 'vitest';
import { component, Component, inject, providedBy, provides, token } from '@asphalt/core';
import { explainKey, planApplication } from '@asphalt/core/inspect';

@providedBy('MailComponent of @example/mail')
abstract class Mailer {}

class OtherMailer extends Mailer {}

const Clock = token<() => number>('Clock');
providedBy('ClockComponent of @example/clock')(Clock);

test('a missing provider is reported with the component that usually provides it', async () => {
  class App extends Component {
    @inject(Mailer) readonly mailer!: Mailer;
  }
  expect(await problemOf(App)).toMatchInlineSnapshot(`
    "No component provides \`Mailer\`
      required by  the root component (App), \`mailer\`
      declared at  provided-by.test.ts:LINE
      help         add MailComponent of @example/mail to \`components\`
                   or make the need optional: @inject(Mailer, { optional: true })
      code         ERR_PROVIDER_MISSING"
  `);
});

test('the help suggests an alias with the resource name', async () => {
  class App extends Component {
    @inject(Clock, 'precise') readonly clock!: () => number;
  }
  expect(await problemOf(App)).toContain(
    'add ClockComponent of @example/clock to `components`, under an alias that ends in `/precise`',
  );
});

test('a subclass does not inherit the hint, and another resource name takes precedence over it', async () => {
  class Other extends Component {
    @inject(OtherMailer) readonly mailer!: Mailer;
  }
  expect(await problemOf(Other)).not.toContain('@example/mail');
  class Mail extends Component {
    @provides(Mailer) mailer(): Mailer {
      return new OtherMailer();
    }
  }
  @component({ components: { 'mail/bulk': Mail } })
  class App extends Component {
    @inject(Mailer) readonly mailer!: Mailer;
  }
  expect(await problemOf(App)).toContain("ask for it by name: @inject(Mailer, 'bulk')");
});

test('a class of another library has the name under which a package exports it', async () => {
  class Driver {}
  class OwnDriver extends Driver {}
  providedBy('StoreComponent of @example/store', { name: 'Store' })(Driver);
  class App extends Component {
    @inject(Driver) readonly store!: Driver;
  }
  expect(await problemOf(App)).toContain('No component provides `Store`\n');
  class Stores extends Component {
    @provides(Driver) store(): Driver {
      return new Driver();
    }
    @provides(OwnDriver) own(): OwnDriver {
      return new OwnDriver();
    }
  }
  const plan = await planApplication(Stores);
  const expected = [expect.objectContaining({ id: 'Store', name: 'default' })];
  expect(explainKey(plan, 'Store')).toEqual(expected);
  expect(explainKey(plan, 'Store/default')).toEqual(expected);
  // The documentation of the library uses its own name.
  expect(explainKey(plan, 'Driver')).toEqual(expected);
  expect(explainKey(plan, 'OwnDriver')).toHaveLength(1);
});
