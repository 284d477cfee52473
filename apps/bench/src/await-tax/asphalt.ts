import { Component, component, startApplication } from '@asphalt/core';

@component()
class App extends Component {}

export async function request<R>(handle: () => Promise<R>): Promise<R> {
  const { context } = await startApplication(App);
  return context.run(handle);
}
