export const packageManagers = ['npm', 'pnpm', 'yarn', 'bun'] as const;

export type PackageManager = (typeof packageManagers)[number];

/** The one that started this process, as all of them tell in a variable such as `pnpm/10.1.0 node/v20.20.2`. */
export function packageManagerOf(userAgent = ''): PackageManager {
  return packageManagers.find((name) => userAgent.startsWith(`${name}/`)) ?? 'npm';
}
