/**
 * Selects the service that a process runs. Services are sections of one configuration.
 *
 * The section of the selected service is merged over the rest of the top level. A `component` at the top level belongs
 * to the service `default`, and the section of `default`, if it exists, is merged over it. Other services have their
 * own.
 */
import { nearMisses } from '../../errors/near-misses.ts';
import { describeKind } from '../describe.ts';
import { readVariable, variableText, type Environment } from '../environment.ts';
import { ConfigServiceError } from '../errors.ts';
import { partOf, without, type Layer, type LayeredConfig } from '../layers.ts';
import { isPlainObject, type PlainObject } from '../merge.ts';

const variable = 'ASPHALT_SERVICE';
const standard = 'default';

export interface ServiceChoice {
  /** The requested name, for example from `--service`. */
  readonly wanted: string | undefined;
  readonly env: Environment;
}

/** The layers of one service. */
export interface ServiceLayers {
  /** The selected service; undefined if the configuration defines no services. */
  readonly service: string | undefined;
  readonly layers: readonly Layer[];
}

/**
 * Returns the names of all services. A `component` at the top level belongs to the service `default`.
 *
 * @throws {@link ConfigServiceError} when the key `services` is not a mapping
 */
export function serviceNames(config: LayeredConfig): string[] {
  const names = new Set(Object.keys(sectionsOf(config) ?? {}));
  if (config.value['component'] !== undefined) names.add(standard);
  return [...names];
}

function sectionsOf(config: LayeredConfig): PlainObject | undefined {
  const services = config.value['services'] ?? undefined;
  if (services === undefined || isPlainObject(services)) return services;
  throw new ConfigServiceError(`The key \`services\` must be a mapping, got ${describeKind(services)}`, {
    from: config.origins(['services'])[0]?.text,
    help: 'give each service a name: services: { web: { component: … } }',
  });
}

/**
 * Selects a service and returns its layers: first the top level of each layer, then the service's section of each. The
 * first of these that applies selects the service: `wanted`, the variable `ASPHALT_SERVICE`, the only service, the
 * service named `default`.
 *
 * @throws {@link ConfigServiceError} when none of them selects a service, or the selected one is not defined
 */
export function chooseService(config: LayeredConfig, { wanted, env }: ServiceChoice): ServiceLayers {
  const { layers } = config;
  const services = sectionsOf(config);
  const service = chooseName(new Set(serviceNames(config)), { wanted, env }, services !== undefined);
  if (service === undefined) return { service, layers };

  const section = services?.[service] ?? {};
  if (!isPlainObject(section)) {
    throw new ConfigServiceError(`Service "${service}" must be a mapping, got ${describeKind(section)}`, {
      from: config.origins(['services', service])[0]?.text,
    });
  }
  const hidden = service === standard ? ['services'] : ['services', 'component'];
  const sections = layers.map((layer) => partOf(layer, ['services', service])).filter((layer) => layer !== undefined);
  return { service, layers: [...layers.map((layer) => without(layer, hidden)), ...sections] };
}

function chooseName(
  names: ReadonlySet<string>,
  { wanted, env }: ServiceChoice,
  areDefined: boolean,
): string | undefined {
  const asked = wanted ?? readVariable(env, variable);
  if (asked !== undefined) {
    if (names.has(asked)) return asked;
    throw notDefined(asked, names, wanted === undefined ? variableText(env, variable) : '--service');
  }
  if (names.size === 0 && areDefined) {
    throw new ConfigServiceError('The key `services` defines no services', {
      help: 'add a service to it, or remove the key',
    });
  }
  const [only] = names;
  if (names.size <= 1) return only;
  if (names.has(standard)) return standard;
  throw new ConfigServiceError('Several services are defined, but none is selected or named "default"', {
    help: `select one with --service or ${variable}: ${[...names].join(', ')}`,
  });
}

function notDefined(asked: string, names: ReadonlySet<string>, from: string): ConfigServiceError {
  const [near] = nearMisses(asked, names);
  const known =
    names.size === 0 ? 'the configuration defines no services' : `available services: ${[...names].join(', ')}`;
  return new ConfigServiceError(`Service "${asked}" is not defined`, {
    from,
    help: near === undefined ? known : `did you mean "${near}"?`,
  });
}
