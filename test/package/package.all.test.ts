import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { packedPackage, ROOT } from './packed-package.ts';

jest.setTimeout(600_000);

let app: string;

const runIn = (folder: string, command: string, ...args: string[]) =>
  execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** An app of somebody who has installed the packed package: its files, beside all that this clone has. */
beforeAll(() => {
  app = mkdtempSync(join(tmpdir(), 'package-'));
  const tarball = packedPackage(app);
  const installed = join(app, 'node_modules', 'remotion-step-functions');
  mkdirSync(installed, { recursive: true });
  runIn(app, 'tar', '-xzf', tarball, '--strip-components=1', '-C', installed);
  const dependencies = join(ROOT, 'node_modules');
  for (const name of readdirSync(dependencies)) {
    symlinkSync(join(dependencies, name), join(app, 'node_modules', name));
  }
  writeFileSync(join(app, 'package.json'), '{"type":"module"}');
  // By it the CDK knows the root of a project.
  writeFileSync(join(app, 'package-lock.json'), '{}');
});
afterAll(() => rmSync(app, { recursive: true }));

const command = (...args: string[]) => [
  join(app, 'node_modules/remotion-step-functions/bin/remotion-step-functions.js'),
  ...args,
];

test('the installed command runs', () => {
  expect(runIn(app, process.execPath, ...command('--help'))).toContain('Usage: remotion-step-functions');
});

test('the installed command runs the whole workflow on this machine, and the video is there', () => {
  const request = {
    jobId: 'installed',
    render: { composition: 'HelloWorld', codec: 'h264', scale: 0.25, inputProps: { durationInSeconds: 1 } },
  };
  writeFileSync(join(app, 'request.json'), JSON.stringify(request));
  const printed = runIn(app, process.execPath, ...command('start', '--request', 'request.json', '--json'));
  const { status, file } = JSON.parse(printed);
  expect({ status, isThere: existsSync(file) }).toEqual({ status: 'SUCCEEDED', isThere: true });
});

test('a site of its own is rendered, and one that is not there is named', () => {
  cpSync(join(ROOT, 'examples/hello-world'), join(app, 'src'), { recursive: true });
  const own = [
    'start',
    '--request',
    'request.json',
    '--json',
    '-c',
    'site=src/index.ts',
    '-c',
    'siteName=mine',
  ];
  expect(JSON.parse(runIn(app, process.execPath, ...command(...own)))).toMatchObject({ status: 'SUCCEEDED' });
  expect(() => runIn(app, process.execPath, ...command('start', '-c', 'site=none.ts'))).toThrow(
    /SynthesisFailed: [\s\S]*InvalidSite: there is no .*none\.ts/,
  );
});

test('its CDK app makes the template that a clone makes', () => {
  const site = join(app, 'site');
  mkdirSync(site);
  writeFileSync(join(site, 'index.html'), '');
  const synth = (folder: string, ...of: string[]) => {
    const cdk = join(ROOT, 'node_modules/aws-cdk/bin/cdk');
    const options = ['--quiet', '-o', join(app, 'out-of-cdk'), '-c', `site=${site}`];
    runIn(folder, process.execPath, cdk, 'synth', ...options, ...of);
    const template = JSON.parse(
      readFileSync(join(app, 'out-of-cdk/RemotionStepFunctions.template.json'), 'utf8'),
    );
    rmSync(join(app, 'out-of-cdk'), { recursive: true });
    // The names of assets are those of their bytes, and a built function keeps its own file names.
    return Object.entries<{ Type: string }>(template.Resources).map(([id, { Type }]) => [id, Type]);
  };
  const [node, cli] = [process.execPath, command('app')[0]];
  expect(synth(app, '--app', `${node} ${cli} app`)).toEqual(synth(ROOT));
});

test('the run on one machine names the packages that it lacks', () => {
  const bare = mkdtempSync(join(tmpdir(), 'bare-'));
  try {
    cpSync(join(app, 'node_modules/remotion-step-functions'), join(bare, 'remotion-step-functions'), {
      recursive: true,
    });
    const bin = join(bare, 'remotion-step-functions/bin/remotion-step-functions.js');
    expect(() => runIn(bare, process.execPath, bin, 'start')).toThrow(
      /MissingPackages: .*npm install --save-dev aws-cdk-lib@[\d.]+ .*fauxqs@/,
    );
  } finally {
    rmSync(bare, { recursive: true });
  }
});

test('the installed page is whole, with the modules that it imports', () => {
  const files = join(app, 'node_modules/remotion-step-functions/dist/cli/console/page-files.js');
  writeFileSync(
    join(app, 'page.js'),
    `import { pageFile } from ${JSON.stringify(files)};
const page = pageFile('', '').content;
const named = [...page.matchAll(/"\\.\\/([\\w/.-]+)"/g)].map(([, path]) => path);
const missing = named.filter((path) => pageFile(path, '') === undefined);
console.log(JSON.stringify({ named: named.length, missing }));
`,
  );
  const { named, missing } = JSON.parse(runIn(app, process.execPath, 'page.js'));
  expect({ missing, isWhole: named > 10 }).toEqual({ missing: [], isWhole: true });
});

test('a CDK app synthesizes a stack with the installed construct, its functions bundled', () => {
  writeFileSync(
    join(app, 'app.js'),
    `import { App, Stack } from 'aws-cdk-lib/core';
import { RenderWorkflow } from 'remotion-step-functions';
import { WORKFLOW_ERRORS } from 'remotion-step-functions/errors';
import { RENDER_EVENT_SOURCE } from 'remotion-step-functions/contract';
import started from 'remotion-step-functions/schemas/render-started.json' with { type: 'json' };

const app = new App({ outdir: 'cdk.out', analyticsReporting: false });
new RenderWorkflow(new Stack(app, 'Videos'), 'RenderWorkflow', {
  remotionFunctionName: 'remotion-render-4-0-527-mem2048mb-disk2048mb-240sec',
  remotionBucketName: 'remotionlambda-useast1-example',
});
app.synth();
if (RENDER_EVENT_SOURCE !== 'remotion-step-functions' || started.title !== 'Render Started') throw started;
console.log(Object.keys(WORKFLOW_ERRORS).length);
`,
  );
  expect(Number(runIn(app, process.execPath, 'app.js'))).toBeGreaterThan(5);
  const assets = readdirSync(join(app, 'cdk.out')).filter((name) =>
    existsSync(join(app, 'cdk.out', name, 'index.mjs')),
  );
  expect(assets).toHaveLength(5);
  const template = readFileSync(join(app, 'cdk.out/Videos.template.json'), 'utf8');
  expect(template).toContain('AWS::StepFunctions::StateMachine');
});

test('the installed types are found and let a request be written and an event be read', () => {
  writeFileSync(
    join(app, 'request.ts'),
    `import type { RenderEvent, RenderRequest } from 'remotion-step-functions/contract';
import type { RenderWorkflowProps } from 'remotion-step-functions';
export const read = (event: RenderEvent): string | null =>
  event['detail-type'] === 'Render Succeeded' ? event.detail.output.s3Uri : event.detail.jobId;
export const request: RenderRequest = { render: { composition: 'Invoice', codec: 'h264' } };
// @ts-expect-error A number is no name of a function.
export const props: RenderWorkflowProps = { remotionFunctionName: 1, remotionBucketName: 'bucket' };
`,
  );
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--types', 'node'];
  expect(runIn(app, process.execPath, tsc, ...options, 'request.ts')).toBe('');
});
