/** Returns the folders of the packages whose bundles are older than their sources. */
export function staleBundles(): string[];
