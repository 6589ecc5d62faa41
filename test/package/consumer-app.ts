import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** Files of an app, by their paths. */
export type AppFiles = Readonly<Record<string, string>>;

/** What somebody's stack has of this package. */
export const NEW_WORKFLOW = `new RenderWorkflow(this, 'Renders', {
      remotionFunctionName: 'remotion-render-4-0-527-mem2048mb-disk2048mb-240sec',
      remotionBucketName: 'remotionlambda-useast1-example',
    });`;

export function writeApp(folder: string, files: AppFiles): void {
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/**
 * Runs a command in an app, with the app's own commands and one Node.js first on the PATH.
 *
 * @param node Path of that Node.js.
 * @returns What it printed, of which stdout comes first.
 * @throws Error with what it printed where it fails.
 */
export function runInApp(folder: string, node: string, ...[command = '', ...args]: string[]): string {
  const path = [dirname(node), join(folder, 'node_modules/.bin'), process.env.PATH];
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...withoutNpm(process.env), PATH: path.join(delimiter), CDK_VALIDATION: 'false' },
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} on ${node}:\n${stdout}\n${stderr}`);
  return stdout + stderr;
}

/** npm hands its own settings, and this project's jest its flags, to what it runs. */
function withoutNpm(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(
    ([name]) => !/^(npm_|jest_|node_options|node_env|init_cwd)/i.test(name),
  );
  return Object.fromEntries(kept);
}
