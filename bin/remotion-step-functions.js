#!/usr/bin/env node
import { existsSync } from 'node:fs';

// The package has JavaScript, because Node.js does not strip types below node_modules; a clone has the sources.
const isClone = existsSync(new URL('../cli/command-line.ts', import.meta.url));
const load = (name) =>
  import(new URL(isClone ? `../${name}.ts` : `../dist/${name}.js`, import.meta.url).href);

if (isClone ? !process.features.typescript : !import.meta.dirname) {
  const needed = isClone
    ? 'The sources need Node.js 22.18 or later, which npx and npm scripts take from the packages (npm ci)'
    : 'remotion-step-functions needs Node.js 20.11 or later';
  console.error(`UnsupportedNodeVersion: ${needed}; this is ${process.versions.node}.`);
  process.exitCode = 2;
} else if (['app', 'local', 'start'].includes(process.argv[2])) {
  const [command] = process.argv.splice(2, 1);
  const { runOneMachineCommand } = await load('bin/one-machine-command');
  const problem = await runOneMachineCommand(command);
  if (problem) {
    console.error(problem);
    process.exitCode = 2;
  }
} else {
  const { runCommandLine } = await load('cli/command-line');
  process.exitCode = await runCommandLine(process.argv.slice(2));
}
