// Tests of `node:test`. They use the build. One of them must fail.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Component, Signal } from '@asphalt/core';
import { testApplication } from '@asphalt/testing';

class Orders {
  placed = new Signal();
}

class Shop extends Component {
  async start() {
    this.context.addResource(Orders, new Orders());
  }
}

const applications = [];

async function start(context) {
  const application = await testApplication(context, Shop);
  applications.push(application);
  return application;
}

void test('the application runs during the test', async (context) => {
  const application = await start(context);
  assert.equal(application.state, 'started');
});

void test('a failure of a subscriber fails the test', async (context) => {
  const application = await start(context);
  const { placed } = application.context.getResourceSync(Orders);
  placed.subscribe(() => {
    throw new Error('no stamps');
  });
  placed.dispatch('a lamp');
});

after(() => {
  process.stdout.write(`# states: ${applications.map(({ state }) => state).join(', ')}\n`);
});
