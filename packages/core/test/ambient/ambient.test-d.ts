/** Type tests of the ambient functions. */
import { inject, token, type Context } from '@asphalt/core';
import * as ambient from '@asphalt/core/ambient';
import { fromContext, injected, withResources } from '@asphalt/core/ambient';
import { expectTypeOf } from 'vitest';

class Database {
  readonly rows = 1;
}
class Mailer {
  readonly address = 'a';
}
const Port = token<number>('Port');

type Functions = Omit<
  typeof ambient,
  'fromContext' | 'injected' | 'withResources' | 'currentContext' | `${string}Error`
>;
expectTypeOf<Functions>().toEqualTypeOf<Pick<Context, keyof Functions & keyof Context>>();

export async function lookUps(): Promise<void> {
  expectTypeOf(ambient.getResourceSync(Port)).toEqualTypeOf<number>();
  expectTypeOf(await ambient.getResource(Database)).toEqualTypeOf<Database>();
  expectTypeOf(ambient.findResource(Port)).toEqualTypeOf<number | undefined>();
  ambient.addResource(Port, 1);
  // @ts-expect-error -- a string is not a port
  ambient.addResource(Port, '1');
}

export class Reports {
  @injected()
  list(limit: number, @inject(Database) db: Database = fromContext()): number {
    return limit + db.rows;
  }
  // @ts-expect-error -- a database is not a mailer
  mail(@inject(Database) mailer: Mailer = fromContext()): Mailer {
    return mailer;
  }
}
expectTypeOf<Parameters<Reports['list']>>().toEqualTypeOf<[limit: number, db?: Database | undefined]>();

const report = withResources(
  { db: Database, mailer: { id: Mailer, name: 'bulk' }, port: { id: Port, optional: true } },
  async (resources, to: string) => {
    expectTypeOf(resources).toEqualTypeOf<{
      readonly db: Database;
      readonly mailer: Mailer;
      readonly port: number | undefined;
    }>();
    return to.length;
  },
);
expectTypeOf(report).parameters.toEqualTypeOf<[to: string]>();
expectTypeOf(report).returns.toEqualTypeOf<Promise<number>>();
expectTypeOf(report.with({ db: new Database() })).toEqualTypeOf<(to: string) => Promise<number>>();
// @ts-expect-error -- a mailer is not a database
report.with({ db: new Mailer() });
// @ts-expect-error -- unknown resource
report.with({ clock: 1 });
// @ts-expect-error -- a string is not an identifier
withResources({ db: 'Database' }, () => undefined);
