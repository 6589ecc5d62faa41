import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { jest } from '@jest/globals';
import { synthesize } from '../../local/cloud-assembly/synthesize.ts';
import { type Launched, launch } from '../../local/launch.ts';
import { runsInTask, runsOnInstance } from '../../proof/own-compute/role-credentials.ts';

jest.setTimeout(600_000);

const EXAMPLES = join(import.meta.dirname, '../../examples/own-compute');
const APP = join(import.meta.dirname, 'own-compute-app.ts');

let machine: Launched;
let assembly: string;

beforeAll(async () => {
  assembly = mkdtempSync(join(tmpdir(), 'own-compute-'));
  machine = await launch({
    async synthesizeApp(context) {
      await synthesize(assembly, context, APP);
      return assembly;
    },
  });
});
afterAll(async () => {
  await machine?.stop();
  rmSync(assembly, { recursive: true, force: true });
});

function roleNamed(part: string): string {
  return machine.stack.roles.find(({ name }) => name.includes(part))?.arn ?? '';
}

/** What a program prints with this environment, and nothing of that of this process. */
async function run(env: Readonly<Record<string, string>>, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return stdout;
}

/** Who has called this action, by the last part of the ARN. */
function callersOf(action: string, roleArn: string) {
  return machine.calls.filter((call) => call.action === action && call.principal === roleArn);
}

test('an instance renders by its role, and a container copies the video by that of its task', async () => {
  const instanceRole = roleNamed('OwnInstanceRole');
  const rendered = await run(
    runsOnInstance(machine, instanceRole),
    join(EXAMPLES, 'render-on-instance.ts'),
    machine.stack.outputs.RemotionFunctionName ?? '',
    machine.remotionBucketName,
    machine.siteUrl,
  );
  const { bucket, key } = JSON.parse(rendered);
  expect(bucket).toBe(machine.remotionBucketName);
  expect(callersOf('lambda:InvokeFunction', instanceRole)).toContainEqual(
    expect.objectContaining({ decision: 'Allow' }),
  );
  expect(callersOf('s3:GetObject', instanceRole).length).toBeGreaterThan(0);

  const taskRole = roleNamed('OwnTaskRole');
  const destination = machine.stack.outputs.DestinationBucketName ?? '';
  await run(
    runsInTask(machine, taskRole),
    join(EXAMPLES, 'copy-in-container.ts'),
    bucket,
    key,
    destination,
    'videos/own.mp4',
  );
  const s3 = new S3Client(machine.clientConfig);
  const video = await s3.send(new HeadObjectCommand({ Bucket: destination, Key: 'videos/own.mp4' }));
  expect(video).toMatchObject({ ContentType: 'video/mp4' });
  expect(video.ContentLength).toBeGreaterThan(1_000);
  expect(callersOf('s3:PutObject', taskRole)).toEqual([expect.objectContaining({ decision: 'Allow' })]);
});

test('the role of a task is for ECS to give, and not for an instance', async () => {
  const env = runsOnInstance(machine, roleNamed('OwnTaskRole'));
  const copy = run(env, join(EXAMPLES, 'copy-in-container.ts'), machine.remotionBucketName, 'a', 'b', 'c');
  await expect(copy).rejects.toThrow(/Could not load credentials/);
});
