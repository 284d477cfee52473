import { each, list, madeService, names, prelude, serviceClass, type Program } from '../text.ts';

/** Each service is a variable or, if starts take time, a promise that waits for the promises of its needs. */
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
