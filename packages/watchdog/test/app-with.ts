import { Component, component, type ComponentClass } from '@asphalt/core';

export function appWith(components: Record<string, ComponentClass>): ComponentClass {
  @component({ components })
  class App extends Component {}
  return App;
}
