import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { bundleFunctions } from '../stacks/bundling/bundle-functions.ts';
import { cacheFolder } from '../stacks/bundling/cache-folder.ts';
import { describeMachine, median, printTable } from './print-table.ts';

const ROUNDS = 15;
const FUNCTIONS = ['start-render', 'get-render-progress', 'copy-to-bucket', 'cancel-render'];
const PROJECT = fileURLToPath(new URL('..', import.meta.url));

/** What Lambda gives a function, with tracing on, as the stack has it. */
const ENVIRONMENT = {
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_NAME: 'bench',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  LAMBDA_TASK_ROOT: PROJECT,
  _X_AMZN_TRACE_ID: 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1',
  POWERTOOLS_SERVICE_NAME: 'remotion-step-functions',
  REMOTION_FUNCTION_NAME: 'remotion-render-4-0-527-mem2048mb-disk2048mb-240sec',
  REMOTION_BUCKET_NAME: 'remotionlambda-useast1-example',
  DESTINATION_BUCKET_NAMES: 'videos',
  JOBS_PREFIX: 'render-workflows/bench/jobs/',
  EVENT_BUS_ARN: 'arn:aws:events:us-east-1:123456789012:event-bus/renders',
  MAX_SECONDS_BETWEEN_UPDATES: '30',
};

/** Loads a module as Lambda's runtime does, and prints how long it took and the memory of the process. */
const LOAD = `
const begun = performance.now();
await import(process.argv[1]);
const milliseconds = performance.now() - begun;
process.stdout.write('\\n' + JSON.stringify({ milliseconds, mebibytes: process.memoryUsage().rss / 1024 ** 2 }));
process.exit();`;

interface Init {
  readonly milliseconds: number;
  readonly mebibytes: number;
}

function initOnce(module: string): Init {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', LOAD, pathToFileURL(module).href],
    { env: ENVIRONMENT, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${module} does not load:\n${stderr}`);
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n')));
}

/** Median init of each module; they take turns, so that what else the machine does hits all alike. */
function initAll(modules: readonly string[]): Map<string, Init> {
  const runs = new Map(modules.map((module) => [module, [] as Init[]]));
  for (let round = 0; round < ROUNDS; round++)
    for (const [module, inits] of runs) inits.push(initOnce(module));
  return new Map(
    [...runs].map(([module, inits]) => [
      module,
      {
        milliseconds: median(inits.map(({ milliseconds }) => milliseconds)),
        mebibytes: median(inits.map(({ mebibytes }) => mebibytes)),
      },
    ]),
  );
}

/** esbuild's own settings for Node.js; the one addition keeps Remotion's client from failing while it loads. */
async function bundlePlainly(name: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [join(PROJECT, 'functions', name, `${name}.ts`)],
    bundle: true,
    platform: 'node',
    outfile,
    define: { 'import.meta.url': 'importMetaUrl' },
    banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
    logLevel: 'error',
  });
}

function kibibytes(folder: string): string {
  const bytes = readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
  return `${Math.round(bytes / 1024)} KiB`;
}

mkdirSync(cacheFolder(), { recursive: true });
const folder = mkdtempSync(join(cacheFolder(), 'bench-'));
try {
  const plainFile = (name: string) => join(folder, 'plain', name, 'index.cjs');
  const oursFile = (name: string) => join(folder, 'ours', name, 'index.mjs');
  await bundleFunctions(FUNCTIONS, join(folder, 'ours'));
  await Promise.all(FUNCTIONS.map((name) => bundlePlainly(name, plainFile(name))));
  // Not bundled: inside the project, so that it finds the packages.
  const bare = join(folder, 'bare.mjs');
  writeFileSync(
    bare,
    "import { S3Client } from '@aws-sdk/client-s3';\nimport { Logger } from '@aws-lambda-powertools/logger';\nimport { Tracer } from '@aws-lambda-powertools/tracer';\nexport const all = [new Logger(), new Tracer(), new S3Client({})];\n",
  );
  const bareBundle = join(folder, 'bare-bundle', 'index.cjs');
  await build({
    entryPoints: [bare],
    bundle: true,
    platform: 'node',
    outfile: bareBundle,
    logLevel: 'error',
  });
  const empty = join(folder, 'empty.mjs');
  writeFileSync(empty, "process.getBuiltinModule('node:https');\nprocess.getBuiltinModule('node:crypto');\n");

  const inits = initAll([
    ...FUNCTIONS.flatMap((name) => [plainFile(name), oursFile(name)]),
    bare,
    bareBundle,
    empty,
  ]);
  const of = (file: string) => inits.get(file) as Init;
  console.log(`Medians of ${ROUNDS} fresh processes each, taking turns; ${describeMachine()}\n`);
  printTable(
    ['function', 'size: plain', 'ours', 'init: plain', 'ours', 'ratio', 'memory: plain', 'ours'],
    FUNCTIONS.map((name) => {
      const [plain, ours] = [of(plainFile(name)), of(oursFile(name))];
      return [
        name,
        kibibytes(join(folder, 'plain', name)),
        kibibytes(join(folder, 'ours', name)),
        `${plain.milliseconds.toFixed(0)} ms`,
        `${ours.milliseconds.toFixed(0)} ms`,
        (ours.milliseconds / plain.milliseconds).toFixed(2),
        `${plain.mebibytes.toFixed(0)} MiB`,
        `${ours.mebibytes.toFixed(0)} MiB`,
      ];
    }),
  );
  console.log();
  const copy = of(oursFile('copy-to-bucket')).milliseconds;
  printTable(
    ['compared with copy-to-bucket', 'init', 'copy-to-bucket takes of it'],
    [
      ['`@aws-sdk/client-s3` and Powertools, from their packages', bare],
      ['the same, bundled with the default settings', bareBundle],
      ["Node.js's own `https` and `crypto` alone", empty],
    ].map(([what = '', file = '']) => [
      what,
      `${of(file).milliseconds.toFixed(0)} ms`,
      (copy / of(file).milliseconds).toFixed(2),
    ]),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
