import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { NEW_WORKFLOW, runInApp, writeApp } from './consumer-app.ts';
import { packedPackage, ROOT } from './packed-package.ts';

jest.setTimeout(1_200_000);

const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const CDK = [`aws-cdk-lib@${devDependencies['aws-cdk-lib']}`, `constructs@${devDependencies.constructs}`];
const ESBUILD = `esbuild@${devDependencies.esbuild}`;

let folder: string;
let tarball: string;
const nodes: Record<string, string> = { 24: process.execPath };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'apps-'));
  tarball = packedPackage(folder);
  for (const version of ['20', '22']) {
    const home = newApp(`node-${version}`, { 'package.json': '{"allowScripts":{"node":true}}' });
    npmInstall(home, `node@${version}`);
    nodes[version] = join(home, 'node_modules/node/bin/node');
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

function newApp(name: string, files: Readonly<Record<string, string>>): string {
  const app = join(folder, name);
  mkdirSync(app);
  writeApp(app, files);
  return app;
}

/** npm keeps what it has downloaded, so that the registry is asked once. */
function npmInstall(app: string, ...packages: string[]): void {
  runInApp(
    app,
    process.execPath,
    'npm',
    'install',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    ...packages,
  );
}

/** The bundled functions of a synthesized app. */
function bundlesOf(assembly: string): string[] {
  return readdirSync(assembly)
    .filter((name) => name.startsWith('asset.'))
    .map((name) => readFileSync(join(assembly, name, 'index.mjs'), 'utf8'));
}

/** A test of the app's own, as `cdk init` suggests it. */
const stackTest = (core: string) => `import * as cdk from '${core}';
import { Template } from 'aws-cdk-lib/assertions';
import { RENDER_EVENT_SOURCE } from 'remotion-step-functions/contract';
import { WORKFLOW_ERRORS } from 'remotion-step-functions/errors';
import { AppStack } from '../lib/app-stack';

test('the workflow is in the stack', () => {
  const stack = new AppStack(new cdk.App(), 'MyTestStack');
  Template.fromStack(stack).resourceCountIs('AWS::StepFunctions::StateMachine', 1);
  expect(RENDER_EVENT_SOURCE).toBe('remotion-step-functions');
  expect(WORKFLOW_ERRORS.RenderFailed).toBeDefined();
});
`;

const stack = (core: string) => `import * as cdk from '${core}';
import { Construct } from 'constructs';
import { RenderWorkflow } from 'remotion-step-functions';

export class AppStack extends cdk.Stack {
  constructor(scope: Construct, id: string, props?: cdk.StackProps) {
    super(scope, id, props);
    ${NEW_WORKFLOW}
  }
}
`;

describe('an app that cdk init makes today', () => {
  let app: string;

  beforeAll(() => {
    app = newApp('app', {});
    const init = ['init', 'app', '--language', 'typescript', '--generate-only'];
    runInApp(app, process.execPath, join(ROOT, 'node_modules/.bin/cdk'), ...init);
    writeApp(app, {
      'lib/app-stack.ts': stack('aws-cdk-lib/core'),
      'test/app.test.ts': stackTest('aws-cdk-lib/core'),
    });
    npmInstall(app, tarball, ESBUILD);
  });

  test.each(['20', '22', '24'])('synthesizes on Node.js %s, and its jest test passes', (version) => {
    const node = nodes[version] as string;
    rmSync(join(app, 'cdk.out'), { recursive: true, force: true });
    runInApp(app, node, 'cdk', 'synth', '--quiet');
    expect(bundlesOf(join(app, 'cdk.out'))).toHaveLength(5);
    expect(runInApp(app, node, 'jest')).toContain('1 passed');
    expect(runInApp(app, node, 'remotion-step-functions', '--help')).toContain(
      'Usage: remotion-step-functions',
    );
  });
});

describe('an app that cdk init made until 2025, with a newer AWS SDK and cdk-nag 2', () => {
  let app: string;

  // Source: aws-cdk 2.150.0, lib/init-templates/app/typescript
  beforeAll(() => {
    app = newApp('until-2025', {
      'package.json': '{"name":"app","version":"0.1.0"}',
      'cdk.json': '{"app":"npx ts-node --prefer-ts-exts bin/app.ts"}',
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          target: 'ES2020',
          module: 'commonjs',
          lib: ['es2020', 'dom'],
          declaration: true,
          strict: true,
          experimentalDecorators: true,
          strictPropertyInitialization: false,
          typeRoots: ['./node_modules/@types'],
        },
        exclude: ['node_modules', 'cdk.out'],
      }),
      'jest.config.js': `module.exports = {
  testEnvironment: 'node', roots: ['<rootDir>/test'], testMatch: ['**/*.test.ts'],
  transform: { '^.+\\\\.tsx?$': 'ts-jest' },
};`,
      'lib/app-stack.ts': stack('aws-cdk-lib'),
      'test/app.test.ts': stackTest('aws-cdk-lib'),
      'bin/app.ts': `import * as cdk from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { AppStack } from '../lib/app-stack';

const app = new cdk.App();
new AppStack(app, 'AppStack');
cdk.Aspects.of(app).add(new AwsSolutionsChecks({ verbose: true }));
const { stacks } = app.synth();
console.log('Found:', JSON.stringify(stacks.flatMap(({ messages }) => messages)));
`,
    });
    const tools = [
      'typescript@~5.5.3',
      'ts-node@^10.9.2',
      'ts-jest@^29.1.5',
      'jest@^29.7.0',
      '@types/jest@^29.5.12',
    ];
    const around = ['@types/node@20.14.9', '@aws-sdk/client-s3@3.1175.0', 'cdk-nag@2.38.2'];
    npmInstall(app, tarball, ESBUILD, ...CDK, ...tools, ...around);
  });

  test.each(['20', '22', '24'])('synthesizes on Node.js %s, and its jest test passes', (version) => {
    const node = nodes[version] as string;
    rmSync(join(app, 'out'), { recursive: true, force: true });
    const printed = runInApp(app, node, 'env', 'CDK_OUTDIR=out', 'ts-node', '--prefer-ts-exts', 'bin/app.ts');
    // Of cdk-nag 2, for which the workflow has its reasons too.
    expect(printed).toContain('Found: []');
    const bundles = bundlesOf(join(app, 'out'));
    expect(bundles).toHaveLength(5);
    // The S3 client that Remotion's client was made with, and not the app's.
    for (const bundle of bundles) expect(bundle).not.toContain('3.1175.0');
    expect(runInApp(app, node, 'jest')).toContain('1 passed');
  });

  test('type-checks whole against the construct, without skipping declarations', () => {
    const options = ['--noEmit', '--types', 'node', '--target', 'es2020', '--module', 'commonjs', '--strict'];
    expect(runInApp(app, process.execPath, 'tsc', ...options, 'lib/app-stack.ts')).toBe('');
  });
});

describe('an app of ES modules that pnpm has installed without hoisting, with cdk-nag 3', () => {
  let app: string;

  beforeAll(() => {
    const tool = newApp('pnpm', {});
    npmInstall(tool, 'pnpm@10.34.9');
    app = newApp('isolated', {
      'package.json': '{"name":"app","private":true,"type":"module"}',
      '.npmrc': 'hoist=false\nnode-linker=isolated\n',
      'app.ts': `import { App, Stack, Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Construct } from 'constructs';
import { RenderWorkflow } from 'remotion-step-functions';
import { RENDER_EVENT_SOURCE, type RenderRequest } from 'remotion-step-functions/contract';
import { WORKFLOW_ERRORS } from 'remotion-step-functions/errors';
import started from 'remotion-step-functions/schemas/render-started.json' with { type: 'json' };

class AppStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    ${NEW_WORKFLOW}
  }
}

export const request: RenderRequest = { render: { composition: 'Invoice', codec: 'h264' } };
const app = new App({ outdir: 'out' });
new AppStack(app, 'AppStack');
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
console.log(RENDER_EVENT_SOURCE, typeof WORKFLOW_ERRORS.RenderFailed, started.title);
`,
    });
    const packages = [tarball, ESBUILD, ...CDK, 'cdk-nag@3.0.2', 'typescript@5.9.3', '@types/node@22.20.5'];
    const pnpm = join(tool, 'node_modules/.bin/pnpm');
    runInApp(app, process.execPath, pnpm, 'add', '--prefer-offline', ...packages);
    const options = [
      '--strict',
      '--skipLibCheck',
      '--target',
      'es2022',
      '--module',
      'nodenext',
      '--types',
      'node',
    ];
    runInApp(app, process.execPath, 'tsc', ...options, '--resolveJsonModule', 'app.ts');
  });

  test.each(['20', '22', '24'])('synthesizes on Node.js %s', (version) => {
    rmSync(join(app, 'out'), { recursive: true, force: true });
    const printed = runInApp(app, nodes[version] as string, 'node', 'app.js');
    expect(printed).toContain('remotion-step-functions object Render Started');
    expect(bundlesOf(join(app, 'out'))).toHaveLength(5);
  });

  test('is told by name that esbuild is missing', () => {
    const installed = join(app, 'node_modules/esbuild');
    const store = join(app, 'node_modules/.pnpm');
    const own = readdirSync(store).find((name) => name.startsWith('remotion-step-functions@')) as string;
    const peer = join(store, own, 'node_modules/esbuild');
    renameSync(installed, join(folder, 'esbuild'));
    renameSync(peer, join(folder, 'esbuild-of-the-package'));
    try {
      expect(() => runInApp(app, process.execPath, 'node', 'app.js')).toThrow(
        /MissingEsbuild: .*npm install/,
      );
    } finally {
      renameSync(join(folder, 'esbuild'), installed);
      renameSync(join(folder, 'esbuild-of-the-package'), peer);
    }
  });
});

describe('an app with a renderer and a site of its own', () => {
  const { remotion, react, 'react-dom': reactDom } = devDependencies;
  let app: string;

  beforeAll(() => {
    app = newApp('renderer', {
      'package.json': '{"name":"app","private":true,"type":"module"}',
      'site/index.tsx': `import { Composition, registerRoot } from 'remotion';
const Title = () => <h1>Hello</h1>;
registerRoot(() => (
  <Composition id="Title" component={Title} width={640} height={360} fps={30} durationInFrames={30} />
));
`,
      'site/lacks.tsx': `import { Lottie } from '@remotion/lottie';
import { registerRoot } from 'remotion';
registerRoot(() => <Lottie />);
`,
      'app.js': `import { App, Stack } from 'aws-cdk-lib/core';
import { RemotionRenderer, RenderWorkflow } from 'remotion-step-functions';

const app = new App({ outdir: 'out' });
const stack = new Stack(app, 'AppStack');
const renderer = new RemotionRenderer(stack, 'Renderer', {
  sites: { titles: process.env.SITE ?? 'site/index.tsx' },
  otherSizes: { large: { memorySizeInMb: 4096 } },
});
new RenderWorkflow(stack, 'Renders', { renderer });
app.synth();
console.log(renderer.functionName, renderer.siteFolders.titles);
`,
    });
    npmInstall(app, tarball, ESBUILD, ...CDK);
  });

  test('is told by name which packages its site lacks', () => {
    expect(() => runInApp(app, process.execPath, 'env', 'SITE=site/lacks.tsx', 'node', 'app.js')).toThrow(
      /InvalidSite: .*site\/lacks\.tsx cannot be bundled; run npm install @remotion\/lottie:/,
    );
  });

  test.each(['20', '22', '24'])('synthesizes on Node.js %s, its site bundled', (version) => {
    npmInstall(app, `remotion@${remotion}`, `react@${react}`, `react-dom@${reactDom}`);
    rmSync(join(app, 'out'), { recursive: true, force: true });
    const printed = runInApp(app, nodes[version] as string, 'node', 'app.js');
    expect(printed).toMatch(/remotion-render-4-0-527-mem2048mb-disk2048mb-240sec titles-[0-9a-f]{10}/);
    const sites = readdirSync(join(app, 'out')).filter((name) => existsSync(join(app, 'out', name, 'site')));
    expect(sites).toHaveLength(1);
    expect(readdirSync(join(app, 'out', sites[0] as string, 'site'))).toEqual(
      expect.arrayContaining(['index.html', 'bundle.js']),
    );
  });
});

test("the clone's own app is synthesized by a cdk that an older Node.js runs, as a global one is", () => {
  const names = [
    'FunctionName=remotion-render-4-0-527-mem2048mb-disk2048mb-240sec',
    'BucketName=remotionlambda-useast1-x',
  ];
  const context = names.flatMap((name) => ['-c', `remotion${name}`]);
  const cdk = [
    join(ROOT, 'node_modules/aws-cdk/bin/cdk'),
    'synth',
    '--quiet',
    '-o',
    join(folder, 'clone'),
    ...context,
  ];
  runInApp(ROOT, nodes['20'] as string, 'node', ...cdk);
  expect(bundlesOf(join(folder, 'clone'))).toHaveLength(5);
});
