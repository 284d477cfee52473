import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/**
 * Reads the process groups of the server, a line for each change. When its input ends, because the test has stopped the
 * server or because its process has ended for any reason, it kills the groups and deletes the folder. Processes that
 * were just killed may still write files, so the deletion is repeated once.
 */
const script = `
while read -r line; do groups=$line; done
for group in $groups; do kill -s KILL -- "-$group"; done
rm -rf -- "$1" || { sleep 1; rm -rf -- "$1"; }
`;

/** Ends the processes of a server and deletes its folder, even if the process of the test is killed. */
export class Guardian {
  readonly #shell: ChildProcess;

  constructor(folder: string) {
    // In a process group of its own, it survives Ctrl-C.
    this.#shell = spawn('/bin/sh', ['-c', script, 'sh', folder], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#shell.unref();
  }

  /** Replaces the process groups that the guardian kills. */
  watch(groups: readonly number[]): void {
    this.#shell.stdin!.write(`${groups.join(' ')}\n`);
  }

  /** Kills the groups and deletes the folder. */
  async finish(): Promise<void> {
    this.#shell.ref();
    const exit = once(this.#shell, 'exit');
    this.#shell.stdin!.end();
    await exit;
  }
}
