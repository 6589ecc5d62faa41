import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const APP = join(import.meta.dirname, '..', 'bin', 'app.ts');

/**
 * Synthesizes the app, as `cdk synth` does but without the CDK's command line, which asks the network for news.
 *
 * @param directory Where the cloud assembly goes.
 * @param context Values of the CDK context.
 * @throws Error with what the app printed when it fails.
 */
export async function synthesize(
  directory: string,
  context: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { default: cdkJson } = await import('../cdk.json', { with: { type: 'json' } });
  const app = spawn(process.execPath, [APP], {
    env: {
      ...process.env,
      CDK_OUTDIR: directory,
      CDK_CONTEXT_JSON: JSON.stringify({ ...cdkJson.context, ...context }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [, printed, code] = await Promise.all([
    text(app.stdout),
    text(app.stderr),
    new Promise<number | null>((resolve, reject) => app.on('close', resolve).on('error', reject)),
  ]);
  if (code !== 0) throw new Error(`The stack cannot be synthesized:\n${printed}`);
}
