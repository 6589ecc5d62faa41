import * as z from 'zod/mini';

/** Accepted form of a batchId: jobIds and object keys begin with it. */
export const BATCH_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,95}$/;

const BATCH_ID_ACCEPTED = '1 to 96 letters, digits, _ or - that begin with a letter or digit';
const ITEMS = 's3://<Remotion bucket>/batch-items/<name>.csv, .jsonl or .json';
const REQUEST = 'an object with the fields of a render request, in whose texts {% $row.name %} may stand';
const CONCURRENT = 'a whole number from 1 to 1000';
const PERCENTAGE = 'a number from 0 to 100';
const MAX_COST = 'a number of USD greater than 0';
const SAMPLE = 'a whole number from 1';

export const batchIdSchema = z.string(BATCH_ID_ACCEPTED).check(z.regex(BATCH_ID, BATCH_ID_ACCEPTED));

/** The one schema of a batch's request. Messages say what is accepted. */
export const batchRequestSchema = z.strictObject(
  {
    batchId: z.optional(batchIdSchema),
    items: z.string(ITEMS).check(z.regex(/^s3:\/\/[^/]+\/batch-items\/.+\.(csv|jsonl|json)$/, ITEMS)),
    request: z.optional(z.record(z.string(), z.unknown(), REQUEST)),
    maxConcurrentRenders: z.optional(
      z.int(CONCURRENT).check(z.minimum(1, CONCURRENT), z.maximum(1000, CONCURRENT)),
    ),
    toleratedFailurePercentage: z.optional(
      z.number(PERCENTAGE).check(z.minimum(0, PERCENTAGE), z.maximum(100, PERCENTAGE)),
    ),
    maxCostInUsd: z.optional(z.number(MAX_COST).check(z.positive(MAX_COST))),
    stopping: z.optional(z.enum(['finish-running', 'cancel-running'], 'finish-running or cancel-running')),
    sample: z.optional(z.int(SAMPLE).check(z.minimum(1, SAMPLE))),
    dryRun: z.optional(z.boolean('true or false')),
  },
  'an object with items, and optionally batchId, request, maxConcurrentRenders, toleratedFailurePercentage, maxCostInUsd, stopping, sample and dryRun',
);
