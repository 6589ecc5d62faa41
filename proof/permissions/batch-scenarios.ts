import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { RedriveExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { ExecutionEnd } from '../../cli/follow-execution.ts';
import type { BatchForecast, BatchProgress, BatchSummary } from '../../statemachine/batch-contract.ts';
import { REMOTION_BUCKET } from '../faults/fault-machine.ts';
import type { RenderScript } from '../scripted-remotion/render-script.ts';
import type { ProofMachine } from './proof-machine.ts';
import {
  comesIntoQueue,
  describeEnd,
  endOf,
  eventually,
  notDelivered,
  type Scenario,
  stop,
} from './scenario.ts';

/** A render that takes long enough for something to happen meanwhile. */
const SLOW = { seconds: 40 };

/** What the workflow offers for tables, and what the grants of its batches are for. */
export const BATCH_SCENARIOS: readonly Scenario[] = [
  {
    name: 'a batch of two rows, and what the next one will cost',
    async run(machine, batchId) {
      const request = requestOf(batchId, {});
      const end = await endOf(machine, await startBatch(machine, batchId, [1, 2], request));
      const failure = notDelivered(end);
      if (failure) return failure;
      const forecast = await forecastOf(machine, `${batchId}-next`, request);
      if (forecast?.expectedCostInUsd?.knownRenders !== 2) return 'nothing is known of what rows have cost';
      await endOf(machine, await startBatch(machine, `${batchId}-next`, [1], request));
      const known = (await forecastOf(machine, `${batchId}-third`, request))?.expectedCostInUsd?.knownRenders;
      return known === 3 ? undefined : `${known} of 3 costs are known`;
    },
  },
  {
    name: 'a batch whose rows are not valid',
    async run(machine, batchId) {
      const end = await endOf(machine, await startBatch(machine, batchId, [1], { render: {} }));
      if (end.error !== 'InvalidRows') return describeEnd(end);
      return (await read(machine, batchId, 'problems.jsonl')) ? undefined : 'nobody is told all problems';
    },
  },
  {
    name: 'a batch that is stopped, lets its rows finish, and is redriven',
    async run(machine, batchId) {
      const executionArn = await startBatch(machine, batchId, [1, 2], requestOf(batchId, SLOW));
      await eventually(() => rendering(machine, batchId));
      const Body = JSON.stringify({ reason: 'BatchStopped', message: 'Proof' });
      const Key = `${folderOf(machine, batchId)}stop.json`;
      await machine.administrator.s3.send(new PutObjectCommand({ Bucket: REMOTION_BUCKET, Key, Body }));
      const stopped = await endOf(machine, executionArn);
      if (stopped.error !== 'BatchStopped') return describeEnd(stopped);
      await redrive(machine, executionArn);
      return notDelivered(await endOf(machine, executionArn));
    },
  },
  {
    name: 'a batch that spends its budget',
    async run(machine, batchId) {
      const more = { maxCostInUsd: 0.000001, maxConcurrentRenders: 1 };
      const request = requestOf(batchId, SLOW);
      const end = await endOf(machine, await startBatch(machine, batchId, [1, 2, 3], request, more));
      if (end.error !== 'BatchOverBudget') return describeEnd(end);
      const progress = await read<BatchProgress>(machine, batchId, 'progress.json');
      return progress?.failed === 0 ? undefined : 'nobody is told its progress';
    },
  },
  {
    name: 'a batch whose execution is stopped with its rows, has its results, and is redriven',
    async run(machine, batchId) {
      const executionArn = await startBatch(machine, batchId, [1, 2], requestOf(batchId, SLOW));
      await eventually(() => rendering(machine, batchId));
      await stop(machine, executionArn);
      const summarized = await eventually(
        async () => (await read<BatchSummary>(machine, batchId, 'summary.json'))?.outcome === 'BatchStopped',
      );
      if (!summarized) return 'the stopped batch has no results';
      const over = await eventually(() => !rendering(machine, batchId));
      const [first] = machine.remotion.renders.filter(({ job }) => job.startsWith(`${batchId}-`));
      if (!over || first?.status !== 'cancelled') return `a render ended ${first?.status}`;
      await redrive(machine, executionArn);
      return notDelivered(await endOf(machine, executionArn));
    },
  },
  {
    name: 'a consumer of events is told of a batch: that it has started, how far it is, and its end',
    async run(machine, batchId) {
      const request = requestOf(batchId, { seconds: 100 });
      await endOf(machine, await startBatch(machine, batchId, [1], request));
      const told = await batchEvents(machine, batchId);
      const missing = ['Batch Started', 'Batch Progressed', 'Batch Succeeded'].filter(
        (type) => !told.includes(type),
      );
      return missing.length === 0 ? undefined : `nobody is told of ${missing.join(', ')}`;
    },
  },
  {
    name: 'a stopped batch for which SummarizeBatch cannot be invoked is kept',
    run: (machine, batchId) =>
      machine.withFaults(
        ({ caller, name }) =>
          caller === 'EventBridge' && name.includes('SummarizeBatch') ? 'access-denied' : undefined,
        () => isKept(machine, batchId),
      ),
  },
  {
    name: 'a stopped batch whose results SummarizeBatch fails to write is kept',
    run: (machine, batchId) =>
      machine.withFaults(
        ({ caller }) => (caller.includes('SummarizeBatch') ? 'internal-error' : undefined),
        () => isKept(machine, batchId),
      ),
  },
];

async function isKept(machine: ProofMachine, batchId: string): Promise<string | undefined> {
  const executionArn = await startBatch(machine, batchId, [1], requestOf(batchId, SLOW));
  await eventually(() => rendering(machine, batchId));
  await stop(machine, executionArn);
  const kept = await comesIntoQueue(machine, /RenderBatchEndedDeadLetters/, batchId);
  return kept ? undefined : 'the event is lost';
}

function requestOf(batchId: string, script: RenderScript) {
  const inputProps = { job: `{% '${batchId}-' & $row.n %}`, scripts: [script] };
  return { render: { composition: `Scripted-${batchId}`, codec: 'h264', inputProps } };
}

async function putTable({ administrator }: ProofMachine, batchId: string, rows: readonly number[]) {
  const Key = `batch-items/${batchId}.csv`;
  const Body = ['n', ...rows].join('\n');
  await administrator.s3.send(new PutObjectCommand({ Bucket: REMOTION_BUCKET, Key, Body }));
  return `s3://${REMOTION_BUCKET}/${Key}`;
}

async function startBatch(
  machine: ProofMachine,
  batchId: string,
  rows: readonly number[],
  request: object,
  more: object = {},
): Promise<string> {
  const items = await putTable(machine, batchId, rows);
  const { executionArn = '' } = await machine.administrator.sfn.send(
    new StartExecutionCommand({
      stateMachineArn: machine.stack.outputs.BatchStateMachineArn,
      input: JSON.stringify({ batchId, items, request, maxConcurrentRenders: 1, ...more }),
    }),
  );
  return executionArn;
}

async function forecastOf(
  machine: ProofMachine,
  batchId: string,
  request: object,
): Promise<BatchForecast | undefined> {
  const end: ExecutionEnd = await endOf(
    machine,
    await startBatch(machine, batchId, [1], request, { dryRun: true }),
  );
  return end.output as BatchForecast | undefined;
}

async function redrive({ administrator }: ProofMachine, executionArn: string): Promise<void> {
  await administrator.sfn.send(new RedriveExecutionCommand({ executionArn }));
}

const folderOf = ({ jobsPrefix }: ProofMachine, batchId: string) =>
  `${jobsPrefix.replace(/jobs\/$/, '')}batches/${batchId}/`;

async function read<Content>(
  machine: ProofMachine,
  batchId: string,
  name: string,
): Promise<Content | undefined> {
  const Key = `${folderOf(machine, batchId)}${name}`;
  return machine.administrator.s3.send(new GetObjectCommand({ Bucket: REMOTION_BUCKET, Key })).then(
    async ({ Body }) => JSON.parse(((await Body?.transformToString()) ?? '').split('\n')[0] ?? ''),
    () => undefined,
  );
}

function rendering({ remotion }: ProofMachine, batchId: string): boolean {
  return remotion.renders.some(
    ({ job, status }) => job.startsWith(`${batchId}-`) && ['accepted', 'rendering'].includes(status),
  );
}

/** The `detail-type` of what the consumer of events has been told of the batch; it is forgotten. */
async function batchEvents({ administrator, stack }: ProofMachine, batchId: string): Promise<string[]> {
  const QueueUrl = stack.outputs.RenderEventsQueueUrl;
  const told: string[] = [];
  for (;;) {
    const { Messages = [] } = await administrator.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) return told;
    for (const { ReceiptHandle, Body = '' } of Messages) {
      const event = JSON.parse(Body);
      if (event.detail.batchId === batchId) told.push(event['detail-type']);
      await administrator.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
}
