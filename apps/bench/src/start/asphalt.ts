/** The program of Asphalt, the same program without Asphalt, and hand-written code. */
import { each, list, madeService, names, prelude, serviceClass, type Program } from './text.ts';

/** Asphalt: a component per service provides it. */
export const asphalt: Program = {
  libraries: ['@asphalt/core'],
  stops: 'each before its needs',
  write: (graph) => `
import { Application, Component, component, inject, provides } from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';
${prelude}
const dispose = (service: { stop(): void }): void => service.stop();
${each(graph, (service) => {
  const { index, needs } = service;
  const { async, value } = madeService(service);
  const parameters = list(needs.map((need) => `@inject(Service${need}) service${need}: Service${need}`));
  return `
${serviceClass(service)}
@component()
class Component${index} extends Component {
  @provides(Service${index}, { dispose })
  ${async} service(${parameters}) { return ${value}; }
}`;
})}

@component({ components: { ${list(graph.services.map(({ index }) => `component${index}: Component${index}`))} } })
class App extends Component {}

export async function build() {
  const application = new Application(await planApplication(App));
  return { start: () => application.start(), stop: () => application.stop() };
}`,
};

/** The program of Asphalt on the smallest runtime that can run it. */
export const bareDecorators: Program = {
  // The helpers of compiled decorators are loaded with the libraries, as for other subjects.
  libraries: ['@oxc-project/runtime/helpers/decorate'],
  stops: 'each before its needs',
  write: (graph) => asphalt.write(graph).replace("'@asphalt/core'", "'../../start/bare-decorators.js'"),
};

/** Hand-written code: each service is a variable or, if starts take time, a promise that waits for the promises of its needs. */
export const hand: Program = {
  libraries: [],
  stops: 'each before its needs',
  write: (graph) => `
${prelude}
${each(graph, (service) => serviceClass(service))}

export function build() {
  let stopAll: () => void;
  return {
    async start() {
      ${each(graph, (service) => {
        const { index, needs, startMs } = service;
        if (startMs === 0) return `const service${index} = ${madeService(service).value};`;
        const needed = needs.length === 0 ? 'Promise.resolve([])' : `Promise.all([${list(names(needs))}])`;
        return `const service${index} = ${needed}.then(async ([${list(names(needs))}]) => ${madeService(service).value});`;
      })}
      ${each(graph, ({ index, startMs }) => `const running${index} = ${startMs > 0 ? 'await ' : ''}service${index};`)}
      stopAll = () => {
        ${graph.services
          .toReversed()
          .map(({ index }) => `running${index}.stop();`)
          .join('\n')}
      };
    },
    stop: () => stopAll(),
  };
}`,
};
