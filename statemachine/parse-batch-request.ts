import type { BatchRequest } from './batch-contract.ts';
import { BatchError } from './batch-errors.ts';
import { BATCH_ID, batchRequestSchema } from './batch-request-schema.ts';
import { describeIssues } from './parse-render-request.ts';
import { idOfName, STARTED_BY } from './read-request.ts';

/**
 * Reads the request of a batch out of an execution's input. A field that is null counts as not set.
 *
 * @throws BatchError `InvalidBatchRequest`, whose message names every wrong field, what was given and what is
 * accepted.
 */
export function parseBatchRequest(input: unknown, executionName: string): BatchRequest & { batchId: string } {
  const request = isObject(input)
    ? Object.fromEntries(
        Object.entries(input).filter(([name, value]) => value !== null && name !== STARTED_BY),
      )
    : input;
  const { error } = batchRequestSchema.safeParse(request);
  if (error) {
    const problems = describeIssues(error.issues, request);
    throw new BatchError(
      'InvalidBatchRequest',
      ['The request of the batch is not valid; nothing was rendered.', ...problems].join('\n'),
    );
  }
  return { batchId: batchIdOfName(executionName), ...(request as BatchRequest) };
}

/** The batch of an execution whose request names none. */
export function batchIdOfName(executionName: string): string {
  return BATCH_ID.test(executionName) ? executionName : idOfName(executionName);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
