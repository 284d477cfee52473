import { each, list, madeService, names, prelude, serviceClass, type Program } from '../text.ts';

/** A plugin per service, which is loaded once its injected services are available. */
export const cordis: Program = {
  libraries: ['cordis'],
  stops: 'in any order',
  write: (graph) => `
import { Context } from 'cordis';
${prelude}
${each(graph, (service) => serviceClass(service))}

export function build() {
  const app = new Context();
  return {
    start() {
      ${each(graph, (service) => {
        const { index, needs } = service;
        const { value } = madeService(service);
        return `app.plugin({
          name: 'service${index}',
          inject: [${list(names(needs).map((name) => `'${name}'`))}],
          async apply(context) {
            const service = ${value.replaceAll(/\bservice\d/g, 'context.$&')};
            context.set('service${index}', service);
            context.on('dispose', () => service.stop());
          },
        });`;
      })}
      return app.start();
    },
    stop: () => app.stop(),
  };
}`,
};
