import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { component, Component, provides } from '@asphalt/core';

/** A resource: files and the streams of the process. Tests replace it. */
export abstract class Terminal {
  /** Reads a file, or standard input if no file is named. */
  abstract read(file: string | undefined): Promise<string>;
  abstract print(line: string): void;
  abstract warn(line: string): void;
}

@component({ description: 'Files and standard streams' })
export class TerminalComponent extends Component {
  @provides(Terminal)
  terminal(): Terminal {
    return {
      read: (file) => (file === undefined ? text(process.stdin) : readFile(file, 'utf8')),
      print: (line) => void process.stdout.write(`${line}\n`),
      warn: (line) => void process.stderr.write(`${line}\n`),
    };
  }
}
