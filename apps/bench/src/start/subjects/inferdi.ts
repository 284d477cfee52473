import { each, list, prelude, serviceClass, type Program } from '../text.ts';

/** Classes registered by name, with the names of their needs. */
export const inferdi: Program = {
  libraries: ['@inferdi/inferdi'],
  stops: 'each before its needs',
  write: (graph) => `
import { Container } from '@inferdi/inferdi';
${prelude}
${each(graph, (service) => serviceClass(service, { stop: 'dispose' }))}

export function build() {
  const container = new Container();
  ${each(graph, ({ index, needs }) => {
    const keys = list(needs.map((need) => `'service${need}'`));
    return `container.registerClass('service${index}', Service${index}, [${keys}]);`;
  })}
  return {
    start() { ${graph.tops.map((top) => `container.get('service${top}');`).join(' ')} },
    stop: () => container.dispose(),
  };
}`,
};
