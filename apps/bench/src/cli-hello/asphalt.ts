import { Component, component, startApplication } from '@asphalt/core';

@component()
class Hello extends Component {
  override start(): void {
    console.log('hello');
  }
}

await using _application = await startApplication(Hello);
