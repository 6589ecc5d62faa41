import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function as LambdaFn, Runtime } from 'aws-cdk-lib/aws-lambda';
import { App, Stack } from 'aws-cdk-lib/core';

/** Folders of one test file: sources for assets, and cloud assemblies. Call `remove` when done. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'cloud-assembly-'));
  return { path, remove: () => rmSync(path, { recursive: true }) };
}

/** Synthesizes a stack called RenderWorkflow. Returns the cloud assembly's folder. */
export function synthesize(folder: string, build: (stack: Stack) => void): string {
  const outdir = mkdtempSync(join(folder, 'cdk.out-'));
  const app = new App({ outdir, analyticsReporting: false });
  build(new Stack(app, 'RenderWorkflow'));
  app.synth();
  return outdir;
}

/** A cloud assembly with a template written by hand, for what the CDK does not write. */
export function assemblyOf(folder: string, template: object, artifact: object = {}): string {
  const directory = mkdtempSync(join(folder, 'by-hand-'));
  const stack = {
    type: 'aws:cloudformation:stack',
    environment: 'aws://unknown-account/unknown-region',
    properties: { templateFile: 'template.json' },
    ...artifact,
  };
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify({ artifacts: { ByHand: stack } }));
  writeFileSync(join(directory, 'template.json'), JSON.stringify({ Resources: {}, ...template }));
  return directory;
}

/** A folder with one handler, as an asset. */
export function handlerFolder(folder: string): string {
  const path = join(folder, 'handler');
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'index.mjs'), 'export const handler = async () => 1;\n');
  return path;
}

/** A function of the handler of `handlerFolder`, with a role that may do nothing. */
export function functionWithRole(stack: Stack, id: string, handler: string, more: object = {}): LambdaFn {
  const role = new Role(stack, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  return new LambdaFn(stack, id, {
    code: Code.fromAsset(handler),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_24_X,
    role,
    ...more,
  });
}

/** A definition in JSONata that takes the ARN of StartRender, as a file. */
export function definitionFile(folder: string): string {
  const path = join(folder, 'workflow.asl.json');
  writeFileSync(
    path,
    JSON.stringify({
      QueryLanguage: 'JSONata',
      StartAt: 'Start',
      States: {
        Start: { Type: 'Task', Resource: '${StartRenderArn}', Output: '{% ${"a": 1} %}', End: true },
      },
    }),
  );
  return path;
}

export const read = (file: string): string => readFileSync(file, 'utf8');
