/** What one check of the doctor found. */
export interface Finding {
  readonly verdict: 'ok' | 'note' | 'wrong';
  /** What was looked at and how it is, in one line. */
  readonly summary: string;
  /** What follows from it, or what was found in detail. */
  readonly details?: readonly string[];
  /** What to do about it, as an imperative. */
  readonly help?: string;
}

/** Where the doctor looks. */
export interface Project {
  /** The folder that was named. */
  readonly folder: string;
  /** The nearest package.json, if there is one. */
  readonly manifestFile: string | undefined;
  readonly manifest: Manifest;
  /** The TypeScript files in the folder, without those that configure tools. */
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
