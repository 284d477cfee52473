/** The configuration of a build and its plan. */
import type { Plan } from '@asphalt/core';
import type { BuiltSources } from '@asphalt/core/built';
import { loadConfig, type LoadedConfig } from '@asphalt/core/config';
import { planApplication } from '@asphalt/core/inspect';
import type { ApplicationArguments } from '../load/application-config.ts';
import { importConfigModule } from '../load/module.ts';
import { prepareTypeScript } from '../load/typescript.ts';

type BuildArguments = Pick<ApplicationArguments, 'set' | 'envFiles' | 'service'>;
type Layers = BuiltSources['layersFor'];

export class PlannedBuild {
  readonly plan: Plan;
  readonly config: LoadedConfig;
  readonly #args: BuildArguments;
  readonly #layers: Layers;

  private constructor(plan: Plan, config: LoadedConfig, args: BuildArguments, layers: Layers) {
    this.plan = plan;
    this.config = config;
    this.#args = args;
    this.#layers = layers;
  }

  /** Plans an application. @param layers - returns the layers of its files */
  static async of({ set, envFiles, service }: BuildArguments, layers: Layers): Promise<PlannedBuild> {
    const config = await loadConfig({
      envFiles,
      service,
      importModule: importConfigModule,
      requireRootType: true,
      collectProblems: true,
      built: { layersFor: layers, set, bundled: undefined },
    });
    await prepareTypeScript(config);
    const plan = await planApplication(undefined, { config });
    return new PlannedBuild(plan, config, { set, envFiles, service }, layers);
  }

  /** Plans the components that are disabled as well, because `--set` can enable them when the application starts. */
  async withDisabled(): Promise<PlannedBuild> {
    const { disabled } = this.plan;
    if (disabled.length === 0) return this;
    const enabled = disabled.map(
      ({ path }) => `component.components.${path.replaceAll('.', '.components.')}.enabled=true`,
    );
    return await PlannedBuild.of({ ...this.#args, set: [...this.#args.set, ...enabled] }, this.#layers);
  }
}
