import type { TestContext as NodeTestContext } from 'node:test';
import { Component, token } from '@asphalt/core';
import { LoadedConfig } from '@asphalt/core/config';
import { startTestApplication, testApplication } from '@asphalt/testing';
import type { TestContext as VitestTestContext } from 'vitest';

class App extends Component {}
class Clock {
  readonly #secret = 1;
  now(): number {
    return this.#secret;
  }

  readonly zone: string = 'UTC';
}
const Limit = token<number>('Limit');
const Greet = token<(name: string) => string>('Greet');

void startTestApplication(App);
void startTestApplication(App, { replace: [[Clock, { now: () => 1 }]] });
void startTestApplication(App, {
  replace: [
    [Clock, {}],
    [Limit, 3],
    [Greet, (name) => name.trim(), 'polite'],
  ],
});
// @ts-expect-error -- the fake's method has another type
void startTestApplication(App, { replace: [[Clock, { now: () => 'late' }]] });
// @ts-expect-error -- the class has no such member
void startTestApplication(App, { replace: [[Clock, { later: () => 1 }]] });
// @ts-expect-error -- the token has another type
void startTestApplication(App, { replace: [[Limit, 'three']] });

declare const nodeTest: NodeTestContext;
declare const vitestTest: VitestTestContext;
void testApplication(nodeTest, App);
void testApplication(vitestTest, App, { replace: [[Clock, { now: () => 1 }]] });
void testApplication(nodeTest, undefined, { config: LoadedConfig.fromObject({ type: App }) });
// @ts-expect-error -- the object cannot stop the application after the test
void testApplication({}, App);
