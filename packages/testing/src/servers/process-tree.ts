import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** Whether it has ended and its parent has not noticed. */
  readonly isZombie: boolean;
}

/** Returns the ids of a process and all its descendants. Those of PostgreSQL have process groups of their own. */
export function processTree(root: number): number[] {
  const entries = processes();
  const tree = [root];
  for (const parent of tree) {
    for (const entry of entries) if (entry.parent === parent && !entry.isZombie) tree.push(entry.pid);
  }
  return tree;
}

/** Returns those of some processes that have not ended. */
export function runningOf(pids: readonly number[]): number[] {
  const running = new Set(processes().flatMap(({ pid, isZombie }) => (isZombie ? [] : [pid])));
  return pids.filter((pid) => running.has(pid));
}

/** Sends a signal to each process that has not ended. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

function processes(): ProcessEntry[] {
  return process.platform === 'linux' ? linuxProcesses() : posixProcesses();
}

/** Minimal Linux images have no `ps`. */
function linuxProcesses(): ProcessEntry[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      // The name of the program is in parentheses and may contain any character.
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return [{ pid: Number(name), parent: Number(parent), isZombie: state === 'Z' || state === 'X' }];
    } catch {
      // The process has ended since the folder was read.
      return [];
    }
  });
}

function posixProcesses(): ProcessEntry[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' }).trim().split('\n');
  return lines.map((line) => {
    const [pid, parent, state = ''] = line.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), isZombie: state.startsWith('Z') };
  });
}
