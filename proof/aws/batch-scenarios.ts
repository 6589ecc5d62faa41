import { PutObjectCommand } from '@aws-sdk/client-s3';
import { startByRequest } from '../../cli/start-execution.ts';
import type { BatchSummary } from '../../statemachine/batch-contract.ts';
import { failedWith } from './delivered.ts';
import type { Scenario } from './scenario.ts';
import { SMALL, type Verification } from './verification.ts';

const ROWS = ['Ada', 'Grace', 'Edsger'];

/** That tables are rendered, a video of each row. */
export const BATCH_SCENARIOS: readonly Scenario[] = [
  {
    name: 'a batch of three rows is delivered, and again renders none',
    async run(on, batchId) {
      const batch = await batchOf(on, batchId, { title: '{% $row.name %}' });
      const first = await runBatch(on, batch);
      if (first.succeeded !== ROWS.length) throw new Error(`${first.succeeded} of ${ROWS.length} succeeded`);
      const again = await runBatch(on, batch);
      if (again.succeeded !== ROWS.length || again.costInUsd > first.costInUsd)
        throw new Error(
          `again, ${again.succeeded} succeeded, for $${again.costInUsd} instead of $${first.costInUsd}`,
        );
      return `${first.succeeded} rows, $${first.costInUsd}`;
    },
  },
  {
    name: 'a batch whose template is wrong fails before anything is rendered',
    async run(on, batchId) {
      const batch = await batchOf(on, batchId, { title: '{% $row.nobody %}' });
      const arn = await startByRequest(on.sfn, on.output('BatchStateMachineArn'), batch);
      return `InvalidTable: ${failedWith(await on.end(arn), 'InvalidTable')
        .split('\n')[0]
        ?.slice(0, 60)}`;
    },
  },
];

/** A batch over a table of names, which is uploaded. */
async function batchOf(on: Verification, batchId: string, props: object): Promise<object> {
  const Bucket = on.output('RemotionBucketName');
  const Key = `batch-items/${batchId}.csv`;
  await on.s3.send(new PutObjectCommand({ Bucket, Key, Body: ['name', ...ROWS].join('\n') }));
  const render = { ...SMALL, inputProps: { ...SMALL.inputProps, ...props } };
  return { batchId, items: `s3://${Bucket}/${Key}`, request: { render } };
}

async function runBatch(on: Verification, batch: object): Promise<BatchSummary> {
  const end = await on.end(await startByRequest(on.sfn, on.output('BatchStateMachineArn'), batch));
  if (end.status !== 'SUCCEEDED')
    throw new Error(`the batch ended ${end.status}, ${end.error}: ${end.cause}`);
  return end.output as BatchSummary;
}
