import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, PutObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  RedriveExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { BatchSummary, RowResult } from '../../statemachine/batch-contract.ts';
import { type FaultKind, faultsOf } from '../faults/fault-kind.ts';
import {
  type FaultMachine,
  REMOTION_BUCKET,
  startFaultMachine,
  synthesizedForFaults,
} from '../faults/fault-machine.ts';
import { REMOTION } from '../faults/function-names.ts';
import { seededRandom } from '../faults/seeded-random.ts';
import { realNow } from '../faults/virtual-time.ts';

export interface BatchProofOptions {
  readonly rows: number;
  /** Of the calls of the workflow and of the batch, from 0 to 1. Of Remotion's own none goes wrong. */
  readonly shareOfFaults: number;
  readonly seed: number;
  /** Told what happens. */
  readonly print: (line: string) => void;
}

/** What any service may answer at any time, and after which a call may be repeated. */
const PASSING: readonly FaultKind[] = ['throttled', 'internal-error'];

/** Of a hundred rows, those whose first render fails. */
const FAILING = 2;

const MAX_REDRIVES = 6;

/**
 * Renders a table on virtual time with a scripted Remotion, while calls go wrong and one row in fifty fails at
 * first: the batch is stopped when half of its rows are done, and redriven until all have their videos.
 *
 * @returns what is wrong with what is left
 */
export async function proveBatch({ rows, shareOfFaults, seed, print }: BatchProofOptions): Promise<string[]> {
  const began = realNow();
  const assembly = await synthesizedForFaults({ renderBatch: 'true' });
  const machine = await startFaultMachine({ assembly });
  const random = seededRandom(seed);
  let faults = 0;
  machine.happenings.fault = (call) => {
    if (call.caller === REMOTION || random() >= shareOfFaults) return undefined;
    const possible = faultsOf(call).filter((kind) => PASSING.includes(kind));
    faults += 1;
    return possible[Math.floor(random() * possible.length)];
  };
  const sfn = new SFNClient(machine.clientConfig);
  try {
    const executionArn = await start(machine, sfn, rows);
    const half = async () =>
      (await recordsOf(machine)).length >= rows / 2 || (await statusOf(sfn, executionArn)) !== 'RUNNING';
    await eventually(half);
    await sfn.send(new StopExecutionCommand({ executionArn, error: 'Stopped', cause: 'In the middle.' }));
    print(`stopped when ${(await recordsOf(machine)).length} of ${rows} rows were done`);
    const problems: string[] = [];
    let outcome = await endOf(sfn, executionArn);
    const isSummarized = async () => (await summaryOf(machine))?.outcome === 'BatchStopped';
    if (!(await eventually(isSummarized))) problems.push('the stopped batch has no summary');
    for (let redrive = 1; outcome !== 'SUCCEEDED' && redrive <= MAX_REDRIVES; redrive += 1) {
      await sfn.send(new RedriveExecutionCommand({ executionArn }));
      outcome = await endOf(sfn, executionArn);
      const { succeeded, failed, unfinished } = (await summaryOf(machine)) ?? {};
      print(
        `redrive ${redrive}: ${outcome}, ${succeeded} succeeded, ${failed} failed, ${unfinished} unfinished`,
      );
    }
    problems.push(...(await problemsOf(machine, rows, outcome)));
    const hours = ((machine.time.clock.now() - Date.UTC(2026, 0, 1)) / 3_600_000).toFixed(1);
    print(
      `${machine.remotion.renders.length} renders, ${faults} faults in ${machine.calls.length} decided calls, ${hours} h of virtual time in ${Math.round((realNow() - began) / 1000)} s`,
    );
    return problems;
  } finally {
    await machine.stop();
  }
}

async function start({ s3, stack }: FaultMachine, sfn: SFNClient, rows: number): Promise<string> {
  const lines = Array.from({ length: rows }, (_, i) => `${i},${i % 100 < FAILING ? 'yes' : 'no'}`);
  const Body = `n,fails\n${lines.join('\n')}\n`;
  await s3.send(new PutObjectCommand({ Bucket: REMOTION_BUCKET, Key: 'batch-items/rows.csv', Body }));
  const input = {
    items: `s3://${REMOTION_BUCKET}/batch-items/rows.csv`,
    maxConcurrentRenders: 10,
    request: {
      render: {
        composition: 'Scripted',
        codec: 'h264',
        inputProps: {
          job: '{% $row.n %}',
          scripts: "{% $row.fails = 'yes' ? [{'failAtPercent': 50}, {}] : [{}] %}",
        },
      },
      destination: { key: "{% 'rows/' & $row.n & '.mp4' %}" },
    },
  };
  const { executionArn = '' } = await sfn.send(
    new StartExecutionCommand({
      stateMachineArn: stack.outputs.BatchStateMachineArn,
      name: 'rows',
      input: JSON.stringify(input),
    }),
  );
  return executionArn;
}

async function statusOf(sfn: SFNClient, executionArn: string): Promise<string | undefined> {
  return (await sfn.send(new DescribeExecutionCommand({ executionArn }))).status;
}

async function endOf(sfn: SFNClient, executionArn: string): Promise<string | undefined> {
  for (;;) {
    const status = await statusOf(sfn, executionArn);
    if (status !== 'RUNNING') return status;
    await sleep(30_000);
  }
}

/** Whether it comes true within six hours of virtual time. */
async function eventually(isTrue: () => Promise<boolean>): Promise<boolean> {
  for (let tries = 0; tries < 6 * 60 * 6; tries += 1) {
    if (await isTrue()) return true;
    await sleep(10_000);
  }
  return false;
}

const folderOf = ({ stack }: FaultMachine) => {
  const prefix = stack.functions.map(({ environment }) => environment.WORKFLOW_PREFIX).find(Boolean);
  return `${prefix}batches/rows/`;
};

async function recordsOf(machine: FaultMachine): Promise<string[]> {
  return list(machine, REMOTION_BUCKET, `${folderOf(machine)}rows/`);
}

async function list({ s3 }: FaultMachine, Bucket: string, Prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix }))
    keys.push(...Contents.map(({ Key = '' }) => Key));
  return keys;
}

async function read(machine: FaultMachine, name: string): Promise<string | undefined> {
  const Key = `${folderOf(machine)}${name}`;
  return machine.s3.send(new GetObjectCommand({ Bucket: REMOTION_BUCKET, Key })).then(
    ({ Body }) => Body?.transformToString(),
    () => undefined,
  );
}

async function summaryOf(machine: FaultMachine): Promise<BatchSummary | undefined> {
  const text = await read(machine, 'summary.json');
  return text === undefined ? undefined : JSON.parse(text);
}

async function problemsOf(
  machine: FaultMachine,
  rows: number,
  outcome: string | undefined,
): Promise<string[]> {
  const problems: string[] = [];
  const expect = (isTrue: boolean, what: string) => void (isTrue || problems.push(what));
  expect(outcome === 'SUCCEEDED', `the batch has ended ${outcome}`);
  const results = ((await read(machine, 'results.jsonl')) ?? '')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as RowResult);
  expect(
    results.length === rows && results.every(({ row }, i) => row === i + 1),
    `results.jsonl has ${results.length} lines of ${rows} rows, or not in order`,
  );
  const without = results.filter(({ status, s3Uri }) => status !== 'succeeded' || s3Uri === null);
  expect(without.length === 0, `${without.length} rows are without a video`);
  const videos = await list(machine, machine.stack.outputs.DestinationBucketName ?? '', 'rows/');
  expect(videos.length === rows, `${videos.length} videos are at their destinations`);
  const finished = new Map<string, number>();
  for (const { job, status } of machine.remotion.renders)
    if (status === 'finished') finished.set(job, (finished.get(job) ?? 0) + 1);
  const twice = [...finished].filter(([, count]) => count > 1);
  expect(twice.length === 0, `${twice.length} rows were rendered twice`);
  const running = machine.remotion.renders.filter(({ status }) => status === 'rendering');
  expect(running.length === 0, `${running.length} renders are running that nobody waits for`);
  return problems;
}
