/** The component of `cli-hello`. */
import { CliComponent, component } from '@asphalt/core';

@component()
export class Hello extends CliComponent {
  run(): void {
    console.log('hello');
  }
}
