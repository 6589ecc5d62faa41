import { DescribeMapRunCommand, ListMapRunsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { jest } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import type { BatchEventDetail, BatchEventType } from '../../../statemachine/batch-contract.ts';
import { MemoryBucket } from '../memory-bucket.ts';

export const BUCKET = 'remotionlambda-useast1-example';
export const PREFIX = 'render-workflows/Machine/';
export const execution = (name: string) =>
  `arn:aws:states:us-east-1:123456789012:execution:RenderBatch:${name}`;

/** The functions of a batch's steps, with S3, Step Functions and EventBridge replaced. */
export async function loadBatchSteps() {
  const bucket = new MemoryBucket();
  const sfn = mockClient(SFNClient);
  const published: { type: BatchEventType; detail: BatchEventDetail }[] = [];
  jest.unstable_mockModule('../../../functions/runtime/publish-event.ts', () => ({
    publishEvent: async (_: string, type: BatchEventType, detail: BatchEventDetail) => {
      published.push({ type, detail });
    },
  }));
  for (const level of ['info', 'warn', 'error'] as const) jest.spyOn(console, level).mockReturnValue();
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    REMOTION_BUCKET_NAME: BUCKET,
    WORKFLOW_PREFIX: PREFIX,
    DESTINATION_BUCKET_NAMES: 'videos,archive',
    DEFAULT_SERVE_URL: 'example',
    EVENT_BUS_ARN: 'arn:aws:events:us-east-1:123456789012:event-bus/renders',
    POWERTOOLS_DEV: 'true',
    // Off by default in development.
    POWERTOOLS_METRICS_DISABLED: 'false',
    POWERTOOLS_SERVICE_NAME: 'Videos-RenderWorkflow',
  });
  const load = async (step: string) => (await import(`../../../functions/${step}/${step}.ts`)).handler;
  const steps = {
    prepareBatch: await load('prepare-batch'),
    admitRow: await load('admit-row'),
    recordRow: await load('record-row'),
    followBatch: await load('follow-batch'),
    summarizeBatch: await load('summarize-batch'),
  };
  const mapRun = (status: string, running: number, startDate = new Date()) => {
    sfn.on(ListMapRunsCommand).resolves({
      mapRuns: [{ mapRunArn: 'run', startDate, executionArn: '', stateMachineArn: '' }],
    });
    sfn.on(DescribeMapRunCommand).resolves({ status, executionCounts: { running } } as never);
  };
  return { ...steps, bucket, published, mapRun };
}
