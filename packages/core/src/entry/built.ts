/** Prepares an application for `asphalt build`, and loads a built one. For the command line and for built applications. */
export { at } from '../component/place.ts';
export type { BundledModules, BundledType } from '../config/bundled-modules.ts';
export type { Layer, TagCall } from '../config/layers.ts';
export type { ConfigPath } from '../config/path.ts';
export type { BuiltSources } from '../config/sources/load.ts';
export {
  prepareLayers,
  readBuildFiles,
  type BuildFilesOptions,
  type PreparedConfig,
  type PrepareOptions,
} from '../config/sources/prepare.ts';
export {
  preparedLayers,
  type PreparedOptions,
  type PreparedPlace,
  type PreparedPlaces,
  type PreparedSource,
} from '../config/sources/prepared.ts';
export { bundleReferences, type BundleReferences } from '../graph/bundle-references.ts';
export { checkForBuild, type BuildCheck } from '../inspect/build-check.ts';
export { sensitivePaths } from '../inspect/sensitive-paths.ts';
export { planTables, type PlanDifference, type PlanObstacle, type PlanTables } from '../graph/plan-tables.ts';
export type { ShapeValue } from '../graph/plan-shape.ts';
export { PreparedPlan, type PlannedTree } from '../graph/prepared-plan.ts';
