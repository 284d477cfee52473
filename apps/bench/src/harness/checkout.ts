/** Opens the checkouts that a comparison measures. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { comparedSubject, type Checkout } from './comparison.ts';
import { takeSample } from './sampling.ts';
import type { Workload } from './workload.ts';

/**
 * Builds the benchmarks of another checkout and loads its workloads.
 *
 * @throws when the folder is no checkout with benchmarks, or does not build
 */
export async function openCheckout(folder: string): Promise<Checkout> {
  const build = join(folder, 'scripts/build.mjs');
  if (!existsSync(build) || !existsSync(join(folder, 'apps/bench'))) {
    throw new Error(`${folder} is not a checkout of this repository with benchmarks`);
  }
  // Standard output is for the table.
  const { status } = spawnSync(process.execPath, [build, 'apps/bench'], { cwd: folder, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`The benchmarks of ${folder} do not build; see the messages above`);
  const { workloads } = (await import(pathToFileURL(fileIn(folder, 'workloads.js')).href)) as {
    workloads: readonly Workload[];
  };
  return checkoutOf(folder, workloads);
}

/** @param workloads - the built workloads of that checkout */
export function checkoutOf(folder: string, workloads: readonly Workload[]): Checkout {
  const sampler = fileIn(folder, 'sample.js');
  return { folder, workloads, take: (workload) => takeSample(sampler, workload, comparedSubject) };
}

function fileIn(folder: string, name: string): string {
  return join(folder, 'apps/bench/dist', name);
}
