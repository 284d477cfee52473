/** The prompts of `asphalt new` on a terminal, one for each option that the command line does not set. */
import { basename, resolve } from 'node:path';
import {
  cancel,
  confirm,
  intro,
  isCancel,
  outro,
  select,
  text,
  type CANCEL_SYMBOL,
  type CommonOptions,
} from '@clack/prompts';
import { AsphaltError } from '@asphalt/core';
import type { Answers, NewArguments } from './answers.ts';
import { defaultKind, kinds, projectKinds, type ProjectKind } from './kinds.ts';
import type { PackageManager } from './package-managers.ts';
import { packageNameFor, packageNameProblem } from './package-name.ts';
import { refuseOccupied } from './template.ts';

/**
 * Prompts for the missing options.
 *
 * @param streams - replace the streams of the process
 * @returns undefined if the user cancels
 */
export async function askForProject(
  args: NewArguments,
  packageManager: PackageManager,
  streams: CommonOptions = {},
): Promise<Answers | undefined> {
  intro('A new application', streams);
  const folder = args.folder ?? (await askFolder(streams));
  if (isCancel(folder)) return cancelled(streams);
  const name = args.name ?? (await askName(folder, streams));
  if (isCancel(name)) return cancelled(streams);
  const kind = args.kind ?? (await askKind(streams));
  if (isCancel(kind)) return cancelled(streams);
  const install =
    args.install ??
    (await confirm({ message: `Install dependencies with ${packageManager}?`, initialValue: true, ...streams }));
  if (isCancel(install)) return cancelled(streams);
  outro(install ? 'Installing dependencies' : 'Installation skipped', streams);
  return { folder, name, kind, install };
}

const defaultFolder = 'my-app';

type Answer = string | typeof CANCEL_SYMBOL;

function askFolder(streams: CommonOptions): Promise<Answer> {
  return text({
    message: 'Project folder',
    placeholder: defaultFolder,
    defaultValue: defaultFolder,
    validate: folderProblem,
    ...streams,
  });
}

/** Returns the reason why a folder cannot be used, in one line. */
function folderProblem(input = ''): string | undefined {
  try {
    refuseOccupied(resolve(input === '' ? defaultFolder : input));
    return undefined;
  } catch (error) {
    return AsphaltError.is(error) ? error.summary : String(error);
  }
}

function askName(folder: string, streams: CommonOptions): Promise<Answer> {
  const name = packageNameFor(basename(resolve(folder)));
  const validate = (input = ''): string | undefined => (input === '' ? undefined : packageNameProblem(input));
  return text({ message: 'Package name', placeholder: name, defaultValue: name, validate, ...streams });
}

function askKind(streams: CommonOptions): Promise<ProjectKind | typeof CANCEL_SYMBOL> {
  const options = projectKinds.map((kind) => ({ value: kind, label: kind, hint: kinds[kind].description }));
  return select({ message: 'Kind of project', options, initialValue: defaultKind, ...streams });
}

function cancelled(streams: CommonOptions): undefined {
  cancel('No project was created', streams);
}
