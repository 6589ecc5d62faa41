import type { RecordRowInput, RowResult } from '../../statemachine/batch-contract.ts';
import { compositionKey } from '../batch/composition-costs.ts';
import { openBatchStore } from '../batch/open-batch-store.ts';
import { recordName } from '../batch/row-record.ts';
import { measure } from '../runtime/measure.ts';
import { stepHandler } from '../runtime/step-handler.ts';
import { rowResult } from './row-result.ts';

const { store } = openBatchStore();

/** What is kept of a row. */
export type KeptResult = RowResult & {
  /** Key of the row's composition, to know what its renders cost. */
  composition: string;
};

/**
 * Keeps the result of a row. That of a failed row is also the error that it throws, so that the row fails by that
 * name; when the row is redriven, it gives it back to be rendered again.
 */
export const handler = stepHandler<RecordRowInput, { row: number; status: string }>(
  'RecordRow',
  ({ row, executionArn }) => ({ jobId: row.jobId, executionArn }),
  async (input) => {
    const { batchId, row, hash, composition, codec } = input.row;
    if (input.redriven) return { row, status: 'redriven' };
    const result = rowResult(input);
    const kept: KeptResult = { ...result, composition: compositionKey(composition, codec) };
    const status = result.status === 'succeeded' ? 'succeeded' : 'failed';
    const name = recordName({
      row,
      hash,
      status,
      at: Date.parse(input.enteredAt),
      costInUsd: result.costInUsd ?? 0,
    });
    await store.writeJson(`${store.keys.rows(batchId)}${name}`, kept);
    if (status === 'succeeded') {
      measure({ RowsSucceeded: 1 });
      return { row, status };
    }
    measure({ RowsFailed: 1 });
    const error = new Error(`Row ${row} (${result.jobId}): ${result.message}`);
    error.name = result.error ?? 'RenderFailed';
    throw error;
  },
);
