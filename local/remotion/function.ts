/**
 * The module that a function process loads as Remotion's function: the installed `@remotion/lambda`'s own code,
 * with what is bound to Lambda's machine replaced. Everything replaced is checked first and refused if changed.
 */
import childProcess from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { RemotionInternalsChanged, replaceTmpCleanup } from './replace-tmp-cleanup.ts';

if (!process.permission || process.permission.has('fs.write', '/tmp'))
  throw new Error("Remotion's function empties /tmp: it runs under Node's permission model only");

const require = createRequire(import.meta.url);
const lambdaPackage = require.resolve('@remotion/lambda/package.json');
const requireFromLambda = createRequire(lambdaPackage);
const folderOf = (name: string) => dirname(requireFromLambda.resolve(`${name}/package.json`));

replaceTmpCleanup({
  lambda: dirname(lambdaPackage),
  others: ['@remotion/lambda-client', '@remotion/serverless', '@remotion/renderer'].map(folderOf),
});

// Remotion gives Chromium a process group of its own. In the function's group it dies with the function.
const { spawn } = childProcess;
childProcess.spawn = ((command: string, ...rest: unknown[]) => {
  const options = rest.find((each) => typeof each === 'object' && !Array.isArray(each));
  if (options) Object.assign(options, { detached: false });
  return Reflect.apply(spawn, childProcess, [command, ...rest]);
}) as typeof spawn;

const { FONTCONFIG_FILE } = process.env;
const { awsImplementation } = requireFromLambda('@remotion/lambda-client').LambdaClientInternals;
if (awsImplementation.getChromiumPath?.() !== '/opt/bin/chromium')
  throw new RemotionInternalsChanged('awsImplementation.getChromiumPath() is not what it was');
awsImplementation.getChromiumPath = () => process.env.CHROMIUM_PATH;

// Loading the client has pointed fontconfig to Lambda's layer.
delete process.env.FONTCONFIG_PATH;
delete process.env.FONTCONFIG_FILE;
if (FONTCONFIG_FILE) process.env.FONTCONFIG_FILE = FONTCONFIG_FILE;

// Nothing leaves the machine, not even a licence's usage event.
const { LicensingInternals } = createRequire(join(folderOf('@remotion/serverless'), 'package.json'))(
  '@remotion/licensing',
);
if (typeof LicensingInternals?.internalRegisterUsageEvent !== 'function')
  throw new RemotionInternalsChanged('LicensingInternals.internalRegisterUsageEvent is not what it was');
LicensingInternals.internalRegisterUsageEvent = async () =>
  console.log('A licence key is set; on one machine no usage event is sent to Remotion.');

export const { handler } = require(join(dirname(lambdaPackage), 'dist', 'functions', 'index.js'));
