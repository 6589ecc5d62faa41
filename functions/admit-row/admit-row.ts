import type { AdmitRowInput, BatchStop } from '../../statemachine/batch-contract.ts';
import { openBatchStore } from '../batch/open-batch-store.ts';
import { stepHandler } from '../runtime/step-handler.ts';

const { store } = openBatchStore();

/** Looks whether rows of a batch may still be started. */
export const handler = stepHandler<AdmitRowInput, { admitted: boolean; reason: string | null }>(
  'AdmitRow',
  ({ executionArn }) => ({ jobId: undefined, executionArn }),
  async ({ batchId }) => {
    const stop = await store.readJson<BatchStop>(store.keys.stop(batchId));
    return { admitted: stop === undefined, reason: stop?.reason ?? null };
  },
);
