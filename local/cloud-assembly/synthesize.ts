import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { bundleFunctions, functionNames } from '../../stacks/bundling/bundle-functions.ts';
import { cacheFolder, madeOnce } from '../../stacks/bundling/cache-folder.ts';
import { hashFiles } from '../../stacks/bundling/hash-files.ts';
import { errorsOf } from './read-cloud-assembly.ts';

const PROJECT = join(import.meta.dirname, '..', '..');
/** `.ts`, or `.js` in the built package. */
const APP = join(PROJECT, 'bin', `cdk-app${extname(import.meta.filename)}`);

/** What stands for the packages: a clone has the lock file. */
const PACKAGES = ['package-lock.json', '../package.json']
  .map((file) => join(PROJECT, file))
  .find((file) => existsSync(file)) as string;

/** All that the cloud assembly is made of. */
const SOURCE_FOLDERS = ['stacks', 'functions', 'statemachine', 'examples/hello-world'];
const SOURCE_FILES = [APP, join(PROJECT, 'cdk.json'), PACKAGES];

/**
 * The synthesized app, made once per content of its sources and context, in the cache folder.
 *
 * @throws Error `SynthesisFailed` with what the app printed when it fails.
 */
export async function synthesizedApp(context: Readonly<Record<string, unknown>>): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(context));
  for (const folder of SOURCE_FOLDERS) await hashFiles(hash, join(PROJECT, folder));
  for (const file of SOURCE_FILES) hash.update(await readFile(file));
  // What another site is made of is not known: it is synthesized each time, and goes with the runs.
  const directory = context.site
    ? join(cacheFolder(), 'runs', `assembly-${randomUUID()}`)
    : join(cacheFolder(), 'assemblies', hash.digest('hex').slice(0, 16));
  return madeOnce(directory, async (staging) => {
    const bundles = context['aws:cdk:bundling-stacks'] === undefined && {
      FUNCTION_BUNDLES: await bundledFunctions(),
    };
    await synthesize(staging, context, APP, { ...bundles });
  });
}

/**
 * Synthesizes an app, as `cdk synth` does but without the CDK's command line, which asks the network for news.
 *
 * @param directory Where the cloud assembly goes.
 * @param context Values of the CDK context.
 * @param file The app.
 * @param environment Variables that the app gets beside those of this process.
 * @throws Error `SynthesisFailed` with what the app printed when it fails, or with the errors of its stacks.
 */
export async function synthesize(
  directory: string,
  context: Readonly<Record<string, unknown>>,
  file: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { default: cdkJson } = await import('../../cdk.json', { with: { type: 'json' } });
  const app = spawn(process.execPath, [file], {
    env: {
      ...process.env,
      CDK_OUTDIR: directory,
      CDK_CONTEXT_JSON: JSON.stringify({ ...cdkJson.context, ...context }),
      // The CDK looks for mistakes in a template when it is deployed, for seconds.
      CDK_VALIDATION: 'false',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [, printed, code] = await Promise.all([
    text(app.stdout),
    text(app.stderr),
    new Promise<number | null>((resolve, reject) => app.on('close', resolve).on('error', reject)),
  ]);
  const problems = code === 0 ? errorsOf(directory).join('\n') : printed;
  if (problems)
    throw Object.assign(new Error(`The stack cannot be synthesized:\n${problems}`), {
      name: 'SynthesisFailed',
    });
}

/** The bundled functions, made once per content: stacks that differ in their settings have the same. */
async function bundledFunctions(): Promise<string> {
  const hash = createHash('sha256');
  for (const folder of ['functions', 'statemachine', 'stacks/bundling'])
    await hashFiles(hash, join(PROJECT, folder));
  hash.update(await readFile(PACKAGES));
  const directory = join(cacheFolder(), 'bundles', hash.digest('hex').slice(0, 16));
  return madeOnce(directory, (staging) => bundleFunctions(functionNames(), staging));
}
