/** Writes files that deploy a built application: a Dockerfile, and a unit of systemd. Never overwrites a file. */
import { existsSync, writeFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import type { ApplicationArguments } from '../load/application-config.ts';
import { manifestOf } from './native-packages.ts';

export interface DeploymentOptions extends ApplicationArguments {
  /** The folder of the project. */
  readonly project: string;
  /** The built folder. */
  readonly target: string;
  readonly warm: boolean;
  readonly includeSecrets: boolean;
  /** The time limit for a stop in milliseconds. */
  readonly stopTimeoutMs: number;
}

/** A file that was written, or exists already. */
export interface DeploymentFile {
  readonly name: string;
  readonly isNew: boolean;
}

/** Writes `Dockerfile` and `.dockerignore`. */
export function writeDockerFiles(options: DeploymentOptions): DeploymentFile[] {
  return [
    write(options.project, 'Dockerfile', dockerfile(options)),
    write(options.project, '.dockerignore', dockerignore(options)),
  ];
}

/** Writes `<name>.service`, named after the package. */
export function writeSystemdUnit(options: DeploymentOptions): DeploymentFile[] {
  const name = packageName(options.project);
  return [write(options.project, `${name}.service`, unit(name, options))];
}

function write(project: string, name: string, text: string): DeploymentFile {
  const file = join(project, name);
  if (existsSync(file)) return { name, isNew: false };
  writeFileSync(file, text, { flag: 'wx' });
  return { name, isNew: true };
}

/** The commands that install exactly the versions of a lock file, in the order of the search. */
const installers = [
  { lock: 'pnpm-lock.yaml', command: 'corepack enable && pnpm install --frozen-lockfile' },
  { lock: 'yarn.lock', command: 'corepack enable && yarn install --immutable' },
  { lock: 'package-lock.json', command: 'npm ci' },
] as const;

function dockerfile(options: DeploymentOptions): string {
  const { project } = options;
  const node = `node:${process.versions.node.split('.', 1)[0]}-slim`;
  const installer = installers.find(({ lock }) => existsSync(join(project, lock)));
  const target = targetName(options);
  return `# Builds and warms in the image that runs: a code cache depends on the version of V8, its flags and the architecture.
FROM ${node} AS build
WORKDIR /app
COPY . .
RUN ${installer?.command ?? 'npm install'}
RUN NODE_ENV=production npx asphalt build ${buildArguments(options).map(shellWord).join(' ')}

FROM ${node}
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/${target} ./${target}
USER node
STOPSIGNAL SIGTERM
CMD ["node", ${JSON.stringify(`${target}/main.js`)}]
`;
}

function dockerignore(options: DeploymentOptions): string {
  return `.git\n.env*\nnode_modules\n${targetName(options)}\n*.log\n`;
}

/** Returns the arguments of the build without those for this machine only. */
function buildArguments(options: DeploymentOptions): string[] {
  const { files, set, service, warm, includeSecrets } = options;
  return [
    ...files,
    '-o',
    targetName(options),
    ...set.flatMap((value) => ['--set', value]),
    ...(service === undefined ? [] : ['-s', service]),
    ...(includeSecrets ? ['--include-secrets'] : []),
    ...(warm ? [] : ['--no-warm']),
  ];
}

function unit(name: string, { project, target, stopTimeoutMs }: DeploymentOptions): string {
  // The application reports components that do not stop, before systemd kills the process.
  const limit = stopTimeoutMs === 0 ? 'infinity' : String(Math.ceil(stopTimeoutMs / 1000) + 10);
  return `[Unit]
Description=${unitText(manifestOf(project)?.description ?? name)}
Wants=network-online.target
After=network-online.target

[Service]
Type=exec
ExecStart=${unitWord(process.execPath)} ${unitWord(join(target, 'main.js'))}
WorkingDirectory=${unitText(project)}
Environment=NODE_ENV=production
Restart=on-failure
TimeoutStopSec=${limit}
KillMode=mixed
NoNewPrivileges=yes
PrivateTmp=yes
ProtectSystem=full
ProtectControlGroups=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictSUIDSGID=yes
LockPersonality=yes

[Install]
WantedBy=multi-user.target
`;
}

function targetName({ project, target }: DeploymentOptions): string {
  const path = relative(project, target).split(sep).join('/');
  return path.startsWith('..') ? 'dist' : path;
}

function packageName(project: string): string {
  const name = manifestOf(project)?.name ?? basename(project);
  return name.replace(/^@[^/]+\//, '').replaceAll(/[^\w.-]/g, '-');
}

function shellWord(word: string): string {
  return /^[\w./:=@-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** Quotes a word of a command in a unit, where `%` and `$` have a meaning. */
function unitWord(word: string): string {
  const escaped = unitText(word)
    .replaceAll('$', '$$$$')
    .replaceAll(/["\\]/g, String.raw`\$&`);
  return /^[\w./:%-]+$/.test(escaped) ? escaped : `"${escaped}"`;
}

function unitText(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').replaceAll('%', '%%');
}
