import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

const FILES = { app: './cdk-app', start: './start', local: './local' } as const;

/** A clone has all of them; the package leaves them to those who use these commands. */
const SYNTHESIS = ['aws-cdk-lib', 'constructs', 'esbuild'];
const ONE_MACHINE = ['fauxqs', '@smithy/eventstream-codec'];

/**
 * Runs `app`, `start` or `local`, whose own modules read what follows on the command line.
 *
 * @returns What keeps it from running here, for a person; undefined where it runs.
 */
export async function runOneMachineCommand(command: keyof typeof FILES): Promise<string | undefined> {
  // Remotion's function empties /tmp, from which Node.js's permission model keeps it.
  if (command !== 'app' && !process.allowedNodeEnvironmentFlags.has('--permission'))
    return `UnsupportedNodeVersion: "${command}" needs Node.js 22.13 or later, such as that of "npm install --save-dev node@24"; this is ${process.versions.node}.`;
  const needed = command === 'app' ? SYNTHESIS : [...SYNTHESIS, ...ONE_MACHINE];
  const missing = needed.filter((name) => !isInstalled(name));
  if (missing.length > 0) {
    const { devDependencies } = require('remotion-step-functions/package.json');
    const install = missing.map((name) => `${name}@${devDependencies[name]}`).join(' ');
    return `MissingPackages: "${command}" needs packages that others do without: npm install --save-dev ${install}`;
  }
  await import(FILES[command] + (import.meta.filename.endsWith('.ts') ? '.ts' : '.js'));
}

function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}
