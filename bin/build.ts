import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes dist/, what the package has instead of the sources: Node.js does not strip types below node_modules. The
 * functions stay apart from their dependencies, as here: whoever deploys bundles them with the installed Remotion.
 */
const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
execFileSync(
  process.execPath,
  [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json')],
  { stdio: 'inherit' },
);
const definition = 'statemachine/render-workflow.asl.json';
cpSync(join(root, definition), join(dist, definition));
const page = 'cli/console/page';
cpSync(join(root, page), join(dist, page), { recursive: true });
