#!/usr/bin/env node
import { existsSync } from 'node:fs';

// The package has JavaScript, because Node.js does not strip types below node_modules; a clone has the sources.
const source = new URL('../cli/command-line.ts', import.meta.url);
const built = new URL('../dist/cli/command-line.js', import.meta.url);
const { runCommandLine } = await import((existsSync(source) ? source : built).href);
process.exitCode = await runCommandLine(process.argv.slice(2));
