/** The result of one check. */
export interface Finding {
  readonly verdict: 'ok' | 'note' | 'wrong';
  /** The checked subject and its state, in one line. */
  readonly summary: string;
  /** The consequences, or the evidence. */
  readonly details?: readonly string[];
  /** A fix, as an imperative. */
  readonly help?: string;
}

/** The project to check. */
export interface Project {
  /** The folder on the command line. */
  readonly folder: string;
  /** The nearest package.json, if any. */
  readonly manifestFile: string | undefined;
  readonly manifest: Manifest;
  /** The TypeScript files in the folder, without configuration files of tools. */
  readonly sources: readonly string[];
}

export interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly type?: string;
  readonly engines?: { readonly node?: string };
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}
