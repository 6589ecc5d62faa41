import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VERIFICATION_STACK } from './verification-context.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const CDK = join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
// As in cdk.json: the CDK hands it to a shell, from the folder of the project.
const APP = 'node proof/aws/verification-app.ts';

/**
 * Deploys the stack with the CDK's command, which prints what it does.
 *
 * @returns The outputs of the stack.
 * @throws Error when it cannot be deployed: what there is of it has to be removed.
 */
export async function deployStack(
  region: string,
  context: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'verify-aws-'));
  try {
    const outputs = join(folder, 'outputs.json');
    const options = [
      '--require-approval',
      'never',
      '--outputs-file',
      outputs,
      '--output',
      join(folder, 'cdk.out'),
    ];
    await cdk(region, 'deploy', VERIFICATION_STACK, ...options, ...contextOptions(context));
    return JSON.parse(readFileSync(outputs, 'utf8'))[VERIFICATION_STACK];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Deletes the stack, but for what it keeps. @throws Error when it cannot be deleted */
export async function destroyStack(region: string, context: Readonly<Record<string, string>>): Promise<void> {
  await cdk(region, 'destroy', VERIFICATION_STACK, '--force', ...contextOptions(context));
}

function contextOptions(context: Readonly<Record<string, string>>): string[] {
  return Object.entries(context).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function cdk(region: string, command: string, ...options: string[]): Promise<void> {
  const child = spawn(process.execPath, [CDK, command, '--app', APP, ...options], {
    cwd: ROOT,
    env: { ...process.env, AWS_REGION: region, AWS_DEFAULT_REGION: region },
    stdio: ['ignore', 'inherit', 'inherit'],
    // Ctrl-C ends the scenarios, not the removal.
    detached: true,
  });
  const code = await new Promise<number | null>((resolve, reject) =>
    child.on('close', resolve).on('error', reject),
  );
  if (code !== 0) throw new Error(`cdk ${command} ended with ${code}: what it printed says why.`);
}
