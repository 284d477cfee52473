/** Loaded before a server: ends it together with whoever started it, however that ends. */
process.stdin.resume().on('end', () => process.exit());
