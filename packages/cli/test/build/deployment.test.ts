/** The files that `asphalt build --docker` and `--systemd` write. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { writeDockerFiles, writeSystemdUnit, type DeploymentOptions } from '../../src/build/deployment.ts';

let project: string;
let options: DeploymentOptions;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'asphalt-deployment-'));
  writeFileSync(join(project, 'package.json'), '{ "name": "@acme/shop", "description": "The 100 % shop" }');
  options = {
    files: ['asphalt.yaml', 'production.yaml'],
    set: ["component.text=it's"],
    envFiles: ['.env'],
    service: undefined,
    project,
    target: join(project, 'dist'),
    warm: true,
    includeSecrets: false,
    stopTimeoutMs: 10_000,
  };
  onTestFinished(() => rmSync(project, { recursive: true }));
});

function read(name: string): string {
  return readFileSync(join(project, name), 'utf8')
    .replaceAll(project, '/srv/shop')
    .replaceAll(process.execPath, '/usr/bin/node')
    .replaceAll(/node:\d+-slim/g, 'node:<version>-slim');
}

test('the Dockerfile builds in the image that runs, and runs as another user', () => {
  writeFileSync(join(project, 'pnpm-lock.yaml'), '');
  expect(writeDockerFiles(options)).toEqual([
    { name: 'Dockerfile', isNew: true },
    { name: '.dockerignore', isNew: true },
  ]);
  expect(read('Dockerfile')).toMatchInlineSnapshot(`
    "# Builds and warms in the image that runs: a code cache depends on the version of V8, its flags and the architecture.
    FROM node:<version>-slim AS build
    WORKDIR /app
    COPY . .
    RUN corepack enable && pnpm install --frozen-lockfile
    RUN NODE_ENV=production npx asphalt build asphalt.yaml production.yaml -o dist --set 'component.text=it'\\''s'

    FROM node:<version>-slim
    ENV NODE_ENV=production
    WORKDIR /app
    COPY --from=build /app/dist ./dist
    USER node
    STOPSIGNAL SIGTERM
    CMD ["node", "dist/main.js"]
    "
  `);
  expect(read('.dockerignore')).toMatchInlineSnapshot(`
    ".git
    .env*
    node_modules
    dist
    *.log
    "
  `);
});

test('the unit allows more time for a stop than the application', () => {
  expect(writeSystemdUnit(options)).toEqual([{ name: 'shop.service', isNew: true }]);
  expect(read('shop.service')).toMatchInlineSnapshot(`
    "[Unit]
    Description=The 100 %% shop
    Wants=network-online.target
    After=network-online.target

    [Service]
    Type=exec
    ExecStart=/usr/bin/node /srv/shop/dist/main.js
    WorkingDirectory=/srv/shop
    Environment=NODE_ENV=production
    Restart=on-failure
    TimeoutStopSec=20
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
    "
  `);
});

test('existing files stay', () => {
  writeFileSync(join(project, 'Dockerfile'), 'mine');
  expect(writeDockerFiles({ ...options, files: [] })[0]).toEqual({ name: 'Dockerfile', isNew: false });
  expect(read('Dockerfile')).toBe('mine');
});

test('systemd accepts the unit, where it is installed', () => {
  const target = join(project, 'a $folder with "spaces"');
  writeSystemdUnit({ ...options, target });
  expect(read('shop.service')).toContain(String.raw`/usr/bin/node "/srv/shop/a $$folder with \"spaces\"/main.js"`);
  if (!existsSync('/usr/bin/systemd-analyze')) return;
  const output = execFileSync('systemd-analyze', ['verify', join(project, 'shop.service')], { encoding: 'utf8' });
  expect(output).toBe('');
});
