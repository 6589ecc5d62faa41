import { execFileSync } from 'node:child_process';
import {
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

jest.setTimeout(60_000);

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

test('the installed command runs', () => {
  const command = join(app, 'node_modules/remotion-step-functions/bin/remotion-step-functions.js');
  expect(runIn(app, process.execPath, command, '--help')).toContain('Usage: remotion-step-functions');
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
  expect(assets).toHaveLength(4);
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
