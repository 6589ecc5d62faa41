import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { Execution } from '../../local/stepfunctions/execution.ts';
import {
  type FaultMachine,
  REMOTION_BUCKET,
  startFaultMachine,
  synthesizedForFaults,
} from '../../proof/faults/fault-machine.ts';
import type { BatchRequest, BatchSummary, RowResult } from '../../statemachine/contract.ts';

let machine: FaultMachine;
let prefix = '';

beforeAll(async () => {
  machine = await startFaultMachine({ assembly: await synthesizedForFaults({ renderBatch: 'true' }) });
  prefix = machine.stack.functions.map(({ environment }) => environment.WORKFLOW_PREFIX).find(Boolean) ?? '';
}, 120_000);
afterAll(() => machine.stop());

const TEMPLATE = {
  render: {
    composition: 'Scripted',
    codec: 'h264',
    inputProps: {
      job: "{% $batchId & ' ' & $row.name %}",
      scripts:
        "{% $row.fails = 'yes' ? [{'failAtPercent': 50}, {}] : [{'seconds': $number($row.seconds)}, {}] %}",
    },
  },
};

/** A table of rows by their names; a name with an exclamation mark fails at first. */
const table = (rows: readonly (readonly [name: string, seconds: number])[]) =>
  [
    'name,seconds,fails',
    ...rows.map(([name, seconds]) => `${name},${seconds},${name.includes('!') ? 'yes' : 'no'}`),
  ].join('\n');

async function start(batchId: string, text: string, more: Partial<BatchRequest> = {}, format = 'csv') {
  const Key = `batch-items/${batchId}.${format}`;
  await machine.s3.send(new PutObjectCommand({ Bucket: REMOTION_BUCKET, Key, Body: text }));
  const items = `s3://${REMOTION_BUCKET}/${Key}`;
  return machine.stepFunctions.startExecution({
    stateMachineArn: machine.stack.outputs.BatchStateMachineArn ?? '',
    input: JSON.stringify({ batchId, items, request: TEMPLATE, maxConcurrentRenders: 2, ...more }),
  });
}

async function run(...args: Parameters<typeof start>): Promise<Execution> {
  const execution = await start(...args);
  await execution.ended;
  return execution;
}

async function read(batchId: string, name: string): Promise<string> {
  const Key = `${prefix}batches/${batchId}/${name}`;
  const { Body } = await machine.s3.send(new GetObjectCommand({ Bucket: REMOTION_BUCKET, Key }));
  return (await Body?.transformToString()) ?? '';
}

const summaryOf = async (batchId: string): Promise<BatchSummary> =>
  JSON.parse(await read(batchId, 'summary.json'));

/** What has become of each row. */
async function rowsOf(batchId: string): Promise<string[]> {
  const lines = (await read(batchId, 'results.jsonl')).trim().split('\n');
  return lines
    .map((line): RowResult => JSON.parse(line))
    .map(({ row, status, error }) => `${row} ${status}${error ? ` ${error}` : ''}`);
}

/** Renders of a batch, by row and how they ended. */
const rendersOf = (batchId: string) =>
  machine.remotion.renders
    .filter(({ job }) => job.startsWith(`${batchId} `))
    .map(({ job, status }) => `${job.slice(batchId.length + 1)} ${status}`);

/** Lets virtual time pass until it is true, at most ten minutes. */
async function eventually(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < 600 && !(await isTrue()); waited += 1)
    await new Promise((resolve) => setTimeout(resolve, 1_000));
}

test('a row that fails is told with its error, and the same batch again renders that row alone', async () => {
  const rows = table([
    ['a', 4],
    ['b!', 4],
    ['c', 4],
  ]);
  expect(await run('again', rows)).toMatchObject({ status: 'FAILED', error: 'RowsFailed' });
  expect(await rowsOf('again')).toEqual(['1 succeeded', '2 failed RenderFailed', '3 succeeded']);
  expect(await summaryOf('again')).toMatchObject({
    outcome: 'RowsFailed',
    succeeded: 2,
    failed: 1,
    failures: { RenderFailed: 1 },
  });
  const csv = (await read('again', 'results.csv')).split('\r\n');
  expect(csv[0]).toBe('row,jobId,status,s3Uri,costInUsd,seconds,error,message,remedy,executionArn');
  expect(csv[2]).toMatch(/^2,again-2,failed,,[\d.]+,\d+(\.\d+)?,RenderFailed,/);
  expect(rendersOf('again').sort()).toEqual(['a finished', 'b! failed', 'c finished']);

  expect(await run('again', rows)).toMatchObject({ status: 'SUCCEEDED' });
  expect(await rowsOf('again')).toEqual(['1 succeeded', '2 succeeded', '3 succeeded']);
  expect(rendersOf('again').sort()).toEqual(['a finished', 'b! failed', 'b! finished', 'c finished']);
});

test('a row that has failed may be corrected in the table of the same batch, which renders that row alone', async () => {
  const rows = (second: string) =>
    table([
      ['a', 4],
      [second, 4],
    ]);
  expect(await run('corrected', rows('b!'))).toMatchObject({ error: 'RowsFailed' });
  expect(await run('corrected', rows('b'))).toMatchObject({ status: 'SUCCEEDED' });
  expect(rendersOf('corrected').sort()).toEqual(['a finished', 'b finished', 'b! failed']);
});

test('quotes, commas, newlines and letters of all kinds come to the composition as they are', async () => {
  const name = 'Zoë "Z", née\nÅ';
  const rows = `\uFEFFname,seconds,fails\r\n"${name.replaceAll('"', '""')}",4,no\r\n\r\n`;
  expect(await run('cells', rows)).toMatchObject({ status: 'SUCCEEDED' });
  expect(rendersOf('cells')).toEqual([`${name} finished`]);
});

test('rows of JSON lines may be whole requests', async () => {
  const request = (name: string) =>
    JSON.stringify({
      jobId: `whole-${name}`,
      render: { ...TEMPLATE.render, inputProps: { job: `whole ${name}`, scripts: [{}] } },
    });
  const rows = `${request('a')}\n${request('b')}\n`;
  expect(await run('whole', rows, { request: undefined }, 'jsonl')).toMatchObject({ status: 'SUCCEEDED' });
  expect((await read('whole', 'results.jsonl')).match(/"jobId":"[^"]+"/g)).toEqual([
    '"jobId":"whole-a"',
    '"jobId":"whole-b"',
  ]);
});

describe('a batch that has spent its budget', () => {
  const rows = table([
    ['a', 10],
    ['b', 90],
    ['c', 10],
    ['d', 10],
  ]);

  test('starts no more rows, and lets those that render finish', async () => {
    const more = { maxCostInUsd: 0.000_000_1, maxConcurrentRenders: 2 };
    expect(await run('finish', rows, more)).toMatchObject({ status: 'FAILED', error: 'BatchOverBudget' });
    const renders = rendersOf('finish');
    expect(renders).toContain('b finished');
    expect(renders.filter((render) => !render.endsWith('finished'))).toEqual([]);
    const { succeeded, unfinished, outcome } = await summaryOf('finish');
    expect({ outcome, succeeded, all: succeeded + unfinished }).toEqual({
      outcome: 'BatchOverBudget',
      succeeded: renders.length,
      all: 4,
    });
    expect(unfinished).toBeGreaterThan(0);
  });

  test('cancels those that render, where it is to', async () => {
    const more: Partial<BatchRequest> = { maxCostInUsd: 0.000_000_1, stopping: 'cancel-running' };
    expect(await run('cancel', rows, more)).toMatchObject({ status: 'FAILED', error: 'BatchOverBudget' });
    await eventually(() => rendersOf('cancel').includes('b cancelled'));
    expect(rendersOf('cancel')).toContain('b cancelled');
    expect((await rowsOf('cancel'))[1]).toBe('2 unfinished');

    // What was spent counts, and a higher budget renders the rest.
    expect(await run('cancel', rows, { maxCostInUsd: 100 })).toMatchObject({ status: 'SUCCEEDED' });
    expect(rendersOf('cancel').filter((render) => render === 'b finished')).toHaveLength(1);
    expect(rendersOf('cancel').filter((render) => render === 'a finished')).toHaveLength(1);
  });
});

test('a batch of which more rows fail than may is stopped before it has tried all', async () => {
  const rows = table([['a!', 4], ['b!', 4], ...Array.from({ length: 18 }, (_, i) => [`c${i}`, 20] as const)]);
  const execution = await run('bad', rows, { toleratedFailurePercentage: 5 });
  expect(execution).toMatchObject({ status: 'FAILED', error: 'RowsFailed' });
  const { failed, succeeded, unfinished } = await summaryOf('bad');
  expect({ failed, all: failed + succeeded + unfinished }).toEqual({ failed: 2, all: 20 });
  expect(unfinished).toBeGreaterThan(10);
  const tolerant = await run(
    'good',
    table([
      ['a!', 4],
      ['b', 4],
    ]),
    { toleratedFailurePercentage: 50 },
  );
  expect(tolerant).toMatchObject({ status: 'SUCCEEDED' });
  expect(await summaryOf('good')).toMatchObject({ outcome: 'SUCCEEDED', succeeded: 1, failed: 1 });
});

test('a batch that is stopped stops what it has started, has its results, and is redriven for the rest', async () => {
  const execution = await start(
    'stopped',
    table([
      ['a', 1],
      ['b', 110],
      ['c', 110],
      ['d', 4],
    ]),
  );
  await eventually(() => rendersOf('stopped').includes('c rendering'));
  execution.stop('Stopped', 'By hand.');
  await eventually(async () => (await summaryOf('stopped').catch(() => undefined)) !== undefined);
  await eventually(() => !rendersOf('stopped').some((render) => render.endsWith('rendering')));
  expect(await summaryOf('stopped')).toMatchObject({ outcome: 'BatchStopped', succeeded: 1, unfinished: 3 });
  expect(rendersOf('stopped').sort()).toEqual(['a finished', 'b cancelled', 'c cancelled']);
  machine.stepFunctions.redriveExecution(execution.arn);
  await eventually(() => machine.stepFunctions.execution(execution.arn)?.status === 'SUCCEEDED');
  expect(await rowsOf('stopped')).toEqual(['1 succeeded', '2 succeeded', '3 succeeded', '4 succeeded']);
  expect(rendersOf('stopped').filter((render) => render.startsWith('a '))).toEqual(['a finished']);
});
