import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { BatchSummary, RowResult } from '../../statemachine/batch-contract.ts';
import type { FaultMachine } from '../faults/fault-machine.ts';
import { isLive, type ScriptedRender } from '../scripted-remotion/scripted-remotion.ts';
import { keyOf, listKeys, type ProofRow } from './batch-run.ts';

/** What is wrong with the results of a batch that was redriven as long as that can help. */
export function wrongResults(
  batch: string,
  rows: number,
  results: readonly RowResult[],
  summary: BatchSummary | undefined,
): string[] {
  const problems: string[] = [];
  const expect = (isTrue: boolean, what: string) => void (isTrue || problems.push(`${batch}: ${what}`));
  const inOrder = results.length === rows && results.every(({ row }, i) => row === i + 1);
  expect(inOrder, `results.jsonl has ${results.length} lines of ${rows} rows, or not in order`);
  const succeeded = results.filter(({ status }) => status === 'succeeded');
  expect(
    summary?.rows === rows && summary.succeeded === succeeded.length && summary.unfinished === 0,
    `summary.json has other counts than results.jsonl: ${JSON.stringify(summary)}`,
  );
  expect(
    succeeded.every(({ s3Uri }) => s3Uri !== null),
    'a row has succeeded without a video',
  );
  for (const { row, status, error } of results)
    expect(
      status === 'succeeded' || (status === 'failed' && error === 'StartOutcomeUnknown'),
      `row ${row} is ${status}: ${error}`,
    );
  return problems;
}

/** What is wrong with the videos that all batches together have left. */
export async function wrongVideos(machine: FaultMachine, table: readonly ProofRow[]): Promise<string[]> {
  const problems: string[] = [];
  const Bucket = machine.stack.outputs.DestinationBucketName ?? '';
  const videos = await listKeys(machine, Bucket, 'rows/');
  if (videos.length !== table.length)
    problems.push(`${videos.length} videos are at the destinations of ${table.length} rows`);
  const renders = Map.groupBy(machine.remotion.renders, ({ job }) => job);
  for (const { n } of table) {
    const own = renders.get(String(n)) ?? [];
    problems.push(...wrongRenders(own).map((what) => `row n=${n}: ${what}`));
    const object = await machine.s3
      .send(new GetObjectCommand({ Bucket, Key: keyOf(n) }))
      .catch(() => undefined);
    const body = Buffer.from((await object?.Body?.transformToByteArray()) ?? []);
    const isOf = ({ renderId, status }: ScriptedRender) =>
      status === 'finished' && body.length > 0 && body.equals(Buffer.alloc(body.length, renderId));
    if (!own.some(isOf)) problems.push(`row n=${n}: the destination has no video of a finished render of it`);
  }
  return problems;
}

function wrongRenders(own: readonly ScriptedRender[]): string[] {
  const problems: string[] = [];
  if (own.filter(({ status }) => status === 'finished').length > 1) problems.push('was rendered twice');
  if (own.some(({ earlier }) => earlier.some(isLive))) problems.push('was rendered twice at once');
  if (own.some(({ status }) => isLive(status))) problems.push('a render runs on that nobody waits for');
  return problems;
}
