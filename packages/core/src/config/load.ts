/** Loading of a configuration from files, the environment and `--set`. */
import type { Environment } from './environment.ts';
import { ConfigError, ConfigServiceError } from './errors.ts';
import { LayeredConfig, type Layer } from './layers.ts';
import { LoadedConfig, rootOptionsLayer } from './loaded-config.ts';
import { isPlainObject, type PlainObject } from './merge.ts';
import { chooseService } from './services.ts';

export interface LoadConfigOptions {
  /** Files in YAML or JSON, as the user names them; a later one wins. */
  readonly files?: readonly string[];
  /** The values of `--set path.to.key=value`, which win over everything else. */
  readonly set?: readonly string[];
  /** The service to run, as chosen with `--service`. */
  readonly service?: string | undefined;
  /** Options of the root component that code sets under everything else. */
  readonly rootOptions?: PlainObject | undefined;
  /** Tells that the configuration itself has to name the root component's type. */
  readonly requireRootType?: boolean;
  /** Leaves problems of the top level in `problems`, for a caller who reports them with those of the components. */
  readonly collectProblems?: boolean;
  /** @defaultValue `process.env` */
  readonly env?: Environment;
  /** Where file names and other relative paths start. @defaultValue `process.cwd()` */
  readonly cwd?: string;
}

/**
 * Loads a configuration. Its top level is checked here; the options of components are checked against their schemas
 * through {@link LoadedConfig.at}, once the components are known.
 *
 * @throws {@link ConfigFileError} when a file cannot be read
 * @throws {@link ConfigSetError} when a `--set` cannot be read or does not fit
 * @throws {@link ConfigServiceError} when no service can be chosen or the chosen one has no component
 * @throws {@link ConfigError} when the top level holds unknown keys or values that do not fit
 */
export async function loadConfig(options: LoadConfigOptions = {}): Promise<LoadedConfig> {
  const { rootOptions, requireRootType = false, env = process.env, cwd = process.cwd() } = options;
  const inCode = rootOptions ? [rootOptionsLayer(rootOptions)] : [];
  const { files, serviceSets, sets } = await readSources(options, { env, cwd });
  const { service, layers } = chooseService([...files, ...serviceSets], { wanted: options.service, env });
  const below = new LayeredConfig([...inCode, ...layers]);
  const config = new LoadedConfig([...below.layers, ...sets(below)], { env, cwd, service });
  if (!options.collectProblems) config.assertSettings();
  if (requireRootType) assertRootType(config);
  return config;
}

interface Sources {
  readonly files: readonly Layer[];
  /** The `--set` that speak about services: they take part in the choice. */
  readonly serviceSets: readonly Layer[];
  /** The other `--set`, over what the chosen layers say. */
  readonly sets: (below: LayeredConfig) => readonly Layer[];
}

async function readSources(
  { files: names = [], set = [] }: LoadConfigOptions,
  surroundings: { readonly env: Environment; readonly cwd: string },
): Promise<Sources> {
  // The YAML parser takes longer to load than the rest of this package: only those who use it wait for it.
  if (names.length + set.length === 0) return { files: [], serviceSets: [], sets: () => [] };
  const [{ readConfigFile }, { parseSet, setLayer }] = await Promise.all([import('./files.ts'), import('./set.ts')]);
  const files = names.map((name) => readConfigFile(name, surroundings));
  const entries = set.map((text) => parseSet(text, surroundings));
  const forServices = entries.filter(({ path }) => path[0] === 'services');
  const others = entries.filter(({ path }) => path[0] !== 'services');
  const serviceSets = forServices.length === 0 ? [] : [setLayer(forServices, new LayeredConfig(files).value)];
  return { files, serviceSets, sets: (below) => (others.length === 0 ? [] : [setLayer(others, below.value)]) };
}

function assertRootType({ value, service, layers }: LoadedConfig): void {
  const section = value['component'];
  if (section === undefined) {
    const whose = service === undefined ? 'The configuration' : `Service "${service}"`;
    throw new ConfigServiceError(`${whose} has no \`component\``, {
      help: 'name the root component: component: { type: ./app.ts:App }',
    });
  }
  if (isPlainObject(section) && (section['type'] === undefined || section['type'] === null)) {
    const help = 'name the class of the root component, such as ./app.ts:App';
    const from = layers.origins(['component'])[0]?.text;
    throw new ConfigError([{ path: 'component.type', message: 'is required', from, help }]);
  }
}
