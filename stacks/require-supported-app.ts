import { createRequire } from 'node:module';
import { Validations } from 'aws-cdk-lib/core';

/** `import.meta.dirname`, which the bundling needs. Source: https://nodejs.org/api/esm.html#importmetadirname */
const OLDEST_NODE = [20, 11] as const;

const require = createRequire(import.meta.url);

/**
 * Refuses an app that the construct cannot work in, before anything else fails on it. Package managers only warn of
 * what is too old, and say nothing of optional packages that are not there.
 *
 * @param node Version of Node.js.
 * @throws Error `UnsupportedNodeVersion`; `UnsupportedCdkVersion`; `MissingEsbuild`
 */
export function requireSupportedApp(node: string = process.versions.node): void {
  const [major = 0, minor = 0] = node.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    throw named(
      'UnsupportedNodeVersion',
      `RenderWorkflow needs Node.js ${OLDEST_NODE.join('.')} or later; this is ${node}.`,
    );
  }
  // Other versions of the library are not looked at: this is what the construct needs of a new one.
  if ((Validations as unknown) === undefined) {
    const { version } = require('aws-cdk-lib/package.json') as { version: string };
    throw named(
      'UnsupportedCdkVersion',
      `RenderWorkflow needs aws-cdk-lib 2.276.0 or later; ${version} is installed. npm install aws-cdk-lib@latest`,
    );
  }
  try {
    require.resolve('esbuild');
  } catch {
    throw named(
      'MissingEsbuild',
      'RenderWorkflow bundles its functions with esbuild, which is not installed. npm install --save-dev esbuild@^0.28.0',
    );
  }
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
