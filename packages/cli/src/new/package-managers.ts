export const packageManagers = ['npm', 'pnpm', 'yarn', 'bun'] as const;

export type PackageManager = (typeof packageManagers)[number];

/**
 * Returns the package manager that started this process, by default npm.
 *
 * @param userAgent - the variable that all of them set, such as `pnpm/10.1.0 node/v20.20.2`
 */
export function packageManagerOf(userAgent = ''): PackageManager {
  return packageManagers.find((name) => userAgent.startsWith(`${name}/`)) ?? 'npm';
}
