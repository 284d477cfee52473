/**
 * Loads a configuration from files, the environment and `--set`.
 *
 * The parsers are imported on demand. Only the top level is validated here, because the components are not known yet.
 */
import type { BundledModules } from '../bundled-modules.ts';
import { setVariables, type Environment } from '../environment.ts';
import { ConfigError, ConfigFileError, ConfigServiceError } from '../errors.ts';
import { LayeredConfig, type Layer } from '../layers.ts';
import { isFreeKey, LoadedConfig, rootOptionsLayer, type UnusedKey } from '../loaded-config.ts';
import { isPlainObject, type PlainObject } from '../merge.ts';
import { normalized } from '../normalize.ts';
import { importFile, isModuleName, readConfigModule } from './module.ts';
import { formatPath } from '../path.ts';
import { largestSize, standardInput } from './read-file.ts';
import { chooseService, serviceNames } from './services.ts';
import type { SetEntry } from './set.ts';

export interface LoadConfigOptions {
  /**
   * Files, as the user wrote them; a later file wins. The extension selects YAML, JSON, JSON5 or a module. `-` reads
   * YAML from standard input.
   */
  readonly files?: readonly string[];
  /** The values of `--set path.to.key=value`, which override everything else. */
  readonly set?: readonly string[];
  /** The service to run, as selected with `--service`. */
  readonly service?: string | undefined;
  /** Options of the root component, set in code; everything else overrides them. */
  readonly rootOptions?: PlainObject | undefined;
  /** Whether the configuration must contain the root component's type. */
  readonly requireRootType?: boolean;
  /**
   * Keeps problems of the top level in `problems` instead of throwing, so that the caller can report them with others.
   */
  readonly collectProblems?: boolean;
  /** @defaultValue `process.env` */
  readonly env?: Environment;
  /** Files of variables below `env`, such as `.env`; a later file wins. They do not change `process.env`. */
  readonly envFiles?: readonly string[];
  /** The folder that relative file names and paths start from. @defaultValue `process.cwd()` */
  readonly cwd?: string;
  /** The input that `-` reads. @defaultValue `process.stdin` */
  readonly stdin?: AsyncIterable<Uint8Array | string>;
  /** Imports a module such as `asphalt.config.ts` by its absolute path. @defaultValue Node's `import()` */
  readonly importModule?: (file: string) => Promise<object>;
  /** The configuration of a built application, below everything else. @internal */
  readonly built?: BuiltSources | undefined;
}

/** What a build has read from its files and its command line. */
export interface BuiltSources {
  /** Returns the layers of its files, whose tags read these variables. */
  readonly layersFor: (env: Environment) => Promise<readonly Layer[]>;
  /** Its `--set` values, which override all files. */
  readonly set: readonly string[];
  readonly bundled: BundledModules | undefined;
}

/**
 * Loads a configuration and validates its top level. The options of components are validated later, with
 * {@link LoadedConfig.at}, when their schemas are known.
 *
 * @throws {@link ConfigFileError} when a file cannot be read
 * @throws {@link ConfigSetError} when a `--set` cannot be read or applied
 * @throws {@link ConfigServiceError} when no service can be selected, or the selected one has no component
 * @throws {@link ConfigError} when the top level has unknown keys or values that do not match their formats
 */
export async function loadConfig(options: LoadConfigOptions = {}): Promise<LoadedConfig> {
  const whole = await withEnvFiles(options);
  return loadService(await readSources(whole), whole, whole.service);
}

async function withEnvFiles(options: LoadConfigOptions): Promise<LoadConfigOptions> {
  const { envFiles = [], env = process.env, cwd = process.cwd() } = options;
  if (envFiles.length === 0) return options;
  const { readEnvFiles } = await import('./env-files.ts');
  return { ...options, env: readEnvFiles(envFiles, { env, cwd }) };
}

/** One of the services that a configuration defines. */
export interface ServiceConfig {
  /** Its name; undefined if the configuration defines no services. */
  readonly service: string | undefined;
  /** Loads the configuration of this service, as {@link loadConfig} does. */
  readonly load: () => Promise<LoadedConfig>;
}

/**
 * Reads a configuration with all of its services. The sources are read once, and each service is loaded on demand, so that
 * a problem of one does not affect the others.
 *
 * @throws {@link ConfigFileError} when a file cannot be read
 * @throws {@link ConfigSetError} when a `--set` cannot be read
 * @throws {@link ConfigServiceError} when the key `services` contains no services
 */
export async function loadServices(options: Omit<LoadConfigOptions, 'service'> = {}): Promise<ServiceConfig[]> {
  const whole = await withEnvFiles(options);
  const sources = await readSources(whole);
  const names = serviceNames(sources.services);
  if (names.length === 0) return [{ service: undefined, load: () => loadService(sources, whole, undefined) }];
  return names.map((service) => ({ service, load: () => loadService(sources, whole, service) }));
}

async function loadService(
  { services, withSets }: Sources,
  {
    rootOptions,
    requireRootType = false,
    collectProblems,
    env = process.env,
    cwd = process.cwd(),
    built,
  }: LoadConfigOptions,
  wanted: string | undefined,
): Promise<LoadedConfig> {
  const { service, layers } = chooseService(services, { wanted, env });
  const inCode = rootOptions ? [rootOptionsLayer(rootOptions)] : [];
  const all = withSets([...inCode, ...layers].map(normalized));
  const unused = freeKeys(services);
  const about = { service, services: serviceNames(services), unused };
  const config = await LoadedConfig.fromLayers(all, { env, cwd, bundled: built?.bundled, ...about });
  if (!collectProblems) config.assertSettings();
  if (requireRootType) assertRootType(config);
  return config;
}

interface Sources {
  /**
   * The files with the `--set` values for services. A service is selected before the other values are applied, because
   * they may refer to lists of the service.
   */
  readonly services: LayeredConfig;
  /** Returns layers with those of the other `--set` values above them. */
  readonly withSets: (below: readonly Layer[]) => readonly Layer[];
}

interface SourceOptions extends Required<Pick<LoadConfigOptions, 'env' | 'cwd' | 'importModule'>> {
  readonly stdin: LoadConfigOptions['stdin'];
  readonly allowsMissingFiles?: boolean;
}

async function readSources(given: LoadConfigOptions): Promise<Sources> {
  const {
    files: names = [],
    set = [],
    env = process.env,
    cwd = process.cwd(),
    stdin,
    importModule = importFile,
    built,
  } = given;
  const options: SourceOptions = { env, cwd, stdin, importModule };
  const files: Layer[] = built ? [...(await built.layersFor(env))] : [];
  files.push(...(await readFiles(names, options)));
  // Loads the YAML parser only if `--set` or an `ASPHALT_SET_…` variable is used.
  if (set.length + (built?.set.length ?? 0) === 0 && setVariables(env).length === 0) {
    return { services: new LayeredConfig(files), withSets: (below) => below };
  }
  const { parseSet, parseSetVariables, withSetLayers } = await import('./set.ts');
  const parsed = (texts: readonly string[]): SetEntry[] => texts.map((text) => parseSet(text, options));
  const groups = [parsed(built?.set ?? []), parseSetVariables(options), parsed(set)];
  const setsOf = (areForServices: boolean): SetEntry[][] =>
    groups.map((entries) => entries.filter(({ path }) => (path[0] === 'services') === areForServices));
  return {
    services: new LayeredConfig(withSetLayers(files, setsOf(true))),
    withSets: (below) => withSetLayers(below, setsOf(false)),
  };
}

/**
 * Reads files into layers, without their problems as options.
 *
 * @throws {@link ConfigFileError} when a file cannot be read
 */
export async function readFiles(names: readonly string[], options: SourceOptions): Promise<Layer[]> {
  const layers: Layer[] = [];
  for (const [index, name] of names.entries()) {
    if (name === '-' && names.indexOf(name) < index) {
      throw new ConfigFileError(standardInput, 'it is listed twice', { help: 'list `-` once' });
    }
    layers.push(await readSource(name, options));
  }
  return layers;
}

async function readSource(name: string, options: SourceOptions): Promise<Layer> {
  if (isModuleName(name)) return readConfigModule(name, options);
  const { readConfigFile, readConfigText } = await import('./files.ts');
  if (name !== '-') return readConfigFile(name, options);
  // Reading `process.stdin` opens it, so it is read only here.
  return readConfigText(await readAll(options.stdin ?? process.stdin), options);
}

async function readAll(input: LoadConfigOptions['stdin'] & {}): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of input) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    size += bytes.length;
    if (size > largestSize) throw new ConfigFileError(standardInput, 'it is larger than 1 MB');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** Returns the `x-` keys, which exist only for references. */
function freeKeys(all: LayeredConfig): UnusedKey[] {
  const keys = Object.keys(all.value).filter(isFreeKey);
  return keys.map((key) => ({ path: formatPath([key]), from: all.origins([key])[0]?.text }));
}

function assertRootType({ value, service, layers }: LoadedConfig): void {
  const section = value['component'];
  if (section === undefined) {
    const whose = service === undefined ? 'The configuration' : `Service "${service}"`;
    throw new ConfigServiceError(`${whose} has no \`component\``, {
      help: 'add the root component: component: { type: ./app.ts:App }',
    });
  }
  if (isPlainObject(section) && (section['type'] === undefined || section['type'] === null)) {
    const help = 'set it to the class of the root component, such as ./app.ts:App';
    const from = layers.origins(['component'])[0]?.text;
    throw new ConfigError([{ path: 'component.type', message: 'is required', from, help }]);
  }
}
