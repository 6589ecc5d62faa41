#!/usr/bin/env node
import { existsSync } from 'node:fs';

// The package has JavaScript, because Node.js does not strip types below node_modules; a clone has the sources.
const source = new URL('../cli/command-line.ts', import.meta.url);
const built = new URL('../dist/cli/command-line.js', import.meta.url);
const isClone = existsSync(source);

if (isClone ? !process.features.typescript : !import.meta.dirname) {
  const needed = isClone
    ? 'The sources need Node.js 22.18 or later, which npx and npm scripts take from the packages (npm ci)'
    : 'remotion-step-functions needs Node.js 20.11 or later';
  console.error(`UnsupportedNodeVersion: ${needed}; this is ${process.versions.node}.`);
  process.exitCode = 2;
} else {
  const { runCommandLine } = await import((isClone ? source : built).href);
  process.exitCode = await runCommandLine(process.argv.slice(2));
}
