/** Preloaded into a server: exits when the parent process does, however that ends. */
process.stdin.resume().on('end', () => process.exit());
