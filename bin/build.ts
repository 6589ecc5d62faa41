import { execFileSync } from 'node:child_process';
import { cpSync, globSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { transformSync } from 'esbuild';

/**
 * Makes dist/, what the package has instead of the sources: Node.js does not strip types below node_modules. The
 * functions stay apart from their dependencies, as here: whoever deploys bundles them with the installed Remotion.
 *
 * What is run or bundled, the command and the functions, are ES modules. What an app imports, the construct and the
 * contract, is CommonJS as aws-cdk-lib is: ts-node and jest load nothing else unless they are told to, ES modules
 * import it as it is, and no process has it twice.
 */
const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const library = join(dist, 'commonjs');

rmSync(dist, { recursive: true, force: true });
for (const config of ['tsconfig.build.json', 'tsconfig.library.json']) {
  const arguments_ = [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, config)];
  execFileSync(process.execPath, arguments_, { stdio: 'inherit' });
}
for (const definition of globSync('statemachine/*.asl.json', { cwd: root }))
  cpSync(join(root, definition), join(dist, definition));
for (const folder of ['cli/console/page', 'examples/hello-world/public'])
  cpSync(join(root, folder), join(dist, folder), { recursive: true });
for (const file of ['request.json', 'event.json'])
  cpSync(join(root, 'examples/hello-world', file), join(dist, 'examples/hello-world', file));

writeFileSync(join(library, 'package.json'), '{ "type": "commonjs" }\n');
for (const name of readdirSync(library, { recursive: true, encoding: 'utf8' })) {
  if (name.endsWith('.js')) makeCommonJs(join(library, name));
}

function makeCommonJs(file: string): void {
  const { code, warnings } = transformSync(readFileSync(file, 'utf8'), {
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    // What lies beside a module, such as the definition and the functions, lies beside the ES modules.
    define: {
      'import.meta.dirname': '__besideEsModule',
      'import.meta.filename': '__filename',
      'import.meta.url': '__moduleUrl',
    },
    banner:
      `const __besideEsModule = require('node:path').join(__dirname, '${besideEsModule(file)}'); ` +
      "const __moduleUrl = require('node:url').pathToFileURL(__filename).href;",
  });
  // Such as another use of import.meta, which would be undefined.
  if (warnings.length > 0) throw new Error(`${file}: ${warnings.map(({ text }) => text).join('; ')}`);
  writeFileSync(file, code);
}

/** Way from the folder of a CommonJS module to that of its ES module. */
function besideEsModule(file: string): string {
  const folder = dirname(file);
  return relative(folder, join(dist, relative(library, folder))).replaceAll('\\', '/');
}
