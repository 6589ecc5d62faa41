import { setTimeout as sleep } from 'node:timers/promises';
import { CopyObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { followExecution } from '../cli/follow-execution.ts';
import { startByRequest } from '../cli/start-execution.ts';
import request from '../examples/hello-world/request.json' with { type: 'json' };
import { type Launched, launch } from '../local/launch.ts';
import { describeMachine, median, printTable } from './print-table.ts';

const PAIRS = 5;
const POLL_INTERVAL_IN_MS = 250;

type RemotionClient = typeof import('@remotion/lambda/client');

/** Points Remotion's client, which takes no endpoint, at the machine, and loads it. */
async function loadRemotionClient({ clientConfig }: Launched): Promise<RemotionClient> {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: clientConfig.endpoint,
    AWS_ACCESS_KEY_ID: clientConfig.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: clientConfig.credentials.secretAccessKey,
  });
  return import('@remotion/lambda/client');
}

/** Seconds from the start of an execution to the delivered video. */
async function runWorkflow({ clientConfig, stack }: Launched, pair: number): Promise<number> {
  const sfn = new SFNClient(clientConfig);
  const { StateMachineArn = '' } = stack.outputs;
  const input = { ...request, jobId: `bench-${pair}`, destination: {} };
  const begun = performance.now();
  const executionArn = await startByRequest(sfn, StateMachineArn, input);
  const end = await followExecution(sfn, executionArn, () => {}, 50);
  const seconds = (performance.now() - begun) / 1000;
  if (end.status !== 'SUCCEEDED') throw new Error(`The execution ended ${end.status}: ${end.cause}`);
  return seconds;
}

/** The same by a script that does nothing but render, look and copy. */
async function runDirectly(
  { renderMediaOnLambda, getRenderProgress }: RemotionClient,
  machine: Launched,
  pair: number,
): Promise<number> {
  const region = 'us-east-1';
  const functionName = machine.stack.outputs.RemotionFunctionName ?? '';
  const begun = performance.now();
  const { renderId, bucketName } = await renderMediaOnLambda({
    ...(request.render as unknown as Parameters<typeof renderMediaOnLambda>[0]),
    serveUrl: machine.siteUrl,
    region,
    functionName,
    forceBucketName: machine.remotionBucketName,
    licenseKey: null,
  });
  for (;;) {
    const progress = await getRenderProgress({ renderId, bucketName, functionName, region });
    if (progress.fatalErrorEncountered) throw new Error(JSON.stringify(progress.errors));
    if (progress.done && progress.outKey) {
      await new S3Client(machine.clientConfig).send(
        new CopyObjectCommand({
          Bucket: machine.stack.outputs.DestinationBucketName,
          Key: `direct-${pair}.mp4`,
          CopySource: `${bucketName}/${progress.outKey}`,
        }),
      );
      return (performance.now() - begun) / 1000;
    }
    await sleep(POLL_INTERVAL_IN_MS);
  }
}

const machine = await launch();
try {
  const client = await loadRemotionClient(machine);
  // Warms Chromium, the functions and this process up.
  await runWorkflow(machine, 0);
  await runDirectly(client, machine, 0);
  const pairs: { workflow: number; direct: number }[] = [];
  for (let pair = 1; pair <= PAIRS; pair++) {
    const workflow = await runWorkflow(machine, pair);
    pairs.push({ workflow, direct: await runDirectly(client, machine, pair) });
  }
  console.log(`${PAIRS} pairs, taking turns, warm; ${describeMachine()}\n`);
  const row = (name: string, { workflow, direct }: { workflow: number; direct: number }) => [
    name,
    `${workflow.toFixed(2)} s`,
    `${direct.toFixed(2)} s`,
    (workflow / direct).toFixed(2),
  ];
  printTable(
    ['pair', 'this workflow', 'direct script', 'ratio'],
    [
      ...pairs.map((pair, index) => row(String(index + 1), pair)),
      row('median', {
        workflow: median(pairs.map(({ workflow }) => workflow)),
        direct: median(pairs.map(({ direct }) => direct)),
      }),
    ],
  );
} finally {
  await machine.stop();
}
