import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { synthesize } from '../../local/cloud-assembly/synthesize.ts';
import {
  type FaultMachine,
  REMOTION_BUCKET,
  REMOTION_FUNCTION,
  startFaultMachine,
} from '../../proof/faults/fault-machine.ts';
import type { RenderResult } from '../../statemachine/contract.ts';

const APP = join(import.meta.dirname, 'deployment-app.ts');
const folder = mkdtempSync(join(tmpdir(), 'deployments-'));

let machine: FaultMachine;
const render = { composition: 'Scripted', codec: 'h264', inputProps: { job: 'order-4711', scripts: [{}] } };
const request = { jobId: 'order-4711', render };

beforeAll(async () => {
  const [staging = '', production = ''] = await Promise.all(
    ['Staging', 'Production'].map(async (stackName) => {
      const directory = join(folder, stackName);
      const context = {
        remotionFunctionName: REMOTION_FUNCTION,
        remotionBucketName: REMOTION_BUCKET,
        defaultServeUrl: `https://example.com/${stackName}/index.html`,
      };
      await synthesize(directory, context, APP, { STACK_NAME: stackName });
      return directory;
    }),
  );
  machine = await startFaultMachine({ assembly: staging, beside: [production] });
}, 120_000);

afterAll(async () => {
  await machine.stop();
  rmSync(folder, { recursive: true });
});

/** An execution of the deployment, in the order Staging, Production. */
function start(deployment: 0 | 1, name: string, more: object = {}) {
  const stateMachineArn = machine.stack.stateMachines[deployment]?.arn ?? '';
  return machine.stepFunctions.startExecution({
    stateMachineArn,
    name,
    input: JSON.stringify({ ...request, ...more }),
  });
}

const delivered = ({ outputText = '{}' }: { outputText?: string | undefined }) =>
  JSON.parse(outputText) as RenderResult;

describe('two deployments on one Remotion bucket', () => {
  test('render the same request each for itself, and deliver each its own video', async () => {
    const staging = start(0, 'a');
    const production = start(1, 'b');
    await Promise.all([staging.ended, production.ended]);
    expect([staging.status, production.status]).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    const [one, two] = [delivered(staging), delivered(production)];
    expect(one.renderId).not.toBe(two.renderId);
    expect(one.bucket).not.toBe(two.bucket);
  });

  test('join a repeated request each to its own render', async () => {
    const renders = machine.remotion.renders.length;
    const again = [start(0, 'a2'), start(1, 'b2')];
    await Promise.all(again.map(({ ended }) => ended));
    expect(again.map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    expect(machine.remotion.renders).toHaveLength(renders);
  });

  test('stop nothing of each other', async () => {
    const slow = {
      jobId: 'slow',
      render: { ...render, inputProps: { job: 'slow', scripts: [{ seconds: 60 }] } },
    };
    const staging = start(0, 'c', slow);
    const production = start(1, 'd', slow);
    await machine.time.clock.sleep(20_000);
    staging.stop('Stopped', 'By hand');
    await production.ended;
    expect(staging.status).toBe('ABORTED');
    expect(production.status).toBe('SUCCEEDED');
    await machine.time.clock.sleep(60_000);
    const statuses = machine.remotion.renders.filter(({ job }) => job === 'slow').map(({ status }) => status);
    expect(statuses.sort()).toEqual(['cancelled', 'finished']);
  });

  test('keep their claims apart', async () => {
    const { Contents = [] } = await machine.s3.send(
      new ListObjectsV2Command({ Bucket: REMOTION_BUCKET, Prefix: 'render-workflows/' }),
    );
    const claims = Contents.filter(({ Key = '' }) => Key.endsWith('/order-4711.json'));
    expect(claims).toHaveLength(2);
  });
});
