import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

export const read = (file: string): string => readFileSync(file, 'utf8');
