/**
 * Loads a configuration from files, the environment and `--set`.
 *
 * The parsers are imported on demand. Only the top level is validated here, because the components are not known yet.
 */
import { setVariables, type Environment } from '../environment.ts';
import { ConfigError, ConfigFileError, ConfigServiceError } from '../errors.ts';
import { LayeredConfig, type Layer } from '../layers.ts';
import { isFreeKey, LoadedConfig, rootOptionsLayer, type UnusedKey } from '../loaded-config.ts';
import { isPlainObject, type PlainObject } from '../merge.ts';
import { normalized } from '../normalize.ts';
import { importFile, isModuleName, readConfigModule } from './module.ts';
import { formatPath } from '../path.ts';
import { largestSize, standardInput } from './read-file.ts';
import { chooseService } from './services.ts';

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
  /** The folder that relative file names and paths start from. @defaultValue `process.cwd()` */
  readonly cwd?: string;
  /** The input that `-` reads. @defaultValue `process.stdin` */
  readonly stdin?: AsyncIterable<Uint8Array | string>;
  /** Imports a module such as `asphalt.config.ts` by its absolute path. @defaultValue Node's `import()` */
  readonly importModule?: (file: string) => Promise<object>;
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
  const { rootOptions, requireRootType = false, env = process.env, cwd = process.cwd() } = options;
  const { stdin, importModule = importFile } = options;
  const { files, withSets } = await readSources(options, { env, cwd, stdin, importModule });
  // A service is selected before the other `--set` values are applied, because they may refer to lists of the service.
  const services = new LayeredConfig(withSets(files, true));
  const { service, layers } = chooseService(services, { wanted: options.service, env });
  const inCode = rootOptions ? [rootOptionsLayer(rootOptions)] : [];
  const all = withSets([...inCode, ...layers].map(normalized), false);
  const config = await LoadedConfig.fromLayers(all, { env, cwd, service, unused: unusedKeys(services, service) });
  if (!options.collectProblems) config.assertSettings();
  if (requireRootType) assertRootType(config);
  return config;
}

interface Sources {
  readonly files: readonly Layer[];
  /** Returns layers with those of the `--set` values for services, or of the other values, above them. */
  readonly withSets: (below: readonly Layer[], areForServices: boolean) => readonly Layer[];
}

interface SourceOptions extends Required<Pick<LoadConfigOptions, 'env' | 'cwd' | 'importModule'>> {
  readonly stdin: LoadConfigOptions['stdin'];
}

async function readSources(
  { files: names = [], set = [] }: LoadConfigOptions,
  options: SourceOptions,
): Promise<Sources> {
  const files: Layer[] = [];
  for (const [index, name] of names.entries()) {
    if (name === '-' && names.indexOf(name) < index) {
      throw new ConfigFileError(standardInput, 'it is listed twice', { help: 'list `-` once' });
    }
    files.push(await readSource(name, options));
  }
  // Loads the YAML parser only if `--set` or an `ASPHALT_SET_…` variable is used.
  if (set.length === 0 && setVariables(options.env).length === 0) return { files, withSets: (below) => below };
  const { parseSet, parseSetVariables, withSetLayers } = await import('./set.ts');
  const groups = [parseSetVariables(options), set.map((text) => parseSet(text, options))];
  return {
    files,
    withSets: (below, areForServices) =>
      withSetLayers(
        below,
        groups.map((entries) => entries.filter(({ path }) => (path[0] === 'services') === areForServices)),
      ),
  };
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

/** Returns the sections that the selected service does not use, and the `x-` keys, which exist only for references. */
function unusedKeys(all: LayeredConfig, service: string | undefined): UnusedKey[] {
  const services = all.value['services'];
  const names = isPlainObject(services) ? Object.keys(services).filter((name) => name !== service) : [];
  const paths = [
    ...Object.keys(all.value)
      .filter(isFreeKey)
      .map((key) => [key]),
    ...names.map((name) => ['services', name]),
  ];
  if (all.value['component'] !== undefined && service !== undefined && service !== 'default') paths.push(['component']);
  return paths.map((path) => ({ path: formatPath(path), from: all.origins(path)[0]?.text }));
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
