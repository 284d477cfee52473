/** Type tests of health checks. Each `@ts-expect-error` fails the type check if the error is missing. */
import {
  Component,
  fromConfig,
  health,
  inject,
  type Application,
  type HealthCheck,
  type HealthReport,
  type HealthStatus,
} from '@asphalt/core';
import { expectTypeOf } from 'vitest';

class Pool {
  readonly size = 1;
}

export class Checks extends Component {
  @health() sync(): void {}
  @health({ for: 'live' }) async async(): Promise<number> {
    return 1;
  }
  @health({ critical: fromConfig('required'), timeout: 50 })
  injected(_abort: AbortSignal, @inject(Pool) _pool: Pool): void {}

  // @ts-expect-error -- not a purpose
  @health({ for: 'startup' }) purpose(): void {}
  // @ts-expect-error -- milliseconds, not text
  @health({ timeout: '2s' }) text(): void {}
  // @ts-expect-error -- without parentheses
  @health bare(): void {}
  // @ts-expect-error -- a property is no method
  @health() property = 1;
  // @ts-expect-error -- an accessor is no method
  @health() get accessor(): number {
    return 1;
  }
}

export function reports(application: Application): void {
  expectTypeOf(application.health()).toEqualTypeOf<Promise<HealthReport>>();
  expectTypeOf(application.health({ for: 'live' })).toEqualTypeOf<Promise<HealthReport>>();
  // @ts-expect-error -- not a purpose
  void application.health({ for: 'startup' });
  expectTypeOf<HealthReport['checks'][number]>().toEqualTypeOf<HealthCheck>();
  expectTypeOf<HealthStatus>().toEqualTypeOf<'up' | 'degraded' | 'down'>();
  expectTypeOf<HealthCheck['member']>().toEqualTypeOf<string | undefined>();
}
