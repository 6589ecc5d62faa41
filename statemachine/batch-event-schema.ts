import * as z from 'zod/mini';
import { RENDER_EVENT_VERSION } from './render-event-schema.ts';

const count = (what: string) => z.number().check(z.minimum(0), z.describe(what));
const time = (what: string) => z.iso.datetime().check(z.describe(`${what}, ISO 8601 in UTC`));
const text = (what: string) => z.string().check(z.describe(what));

const about = {
  version: z
    .literal(RENDER_EVENT_VERSION)
    .check(z.describe('Version of this schema. Fields may be added within a version.')),
  batchId: text("The request's batchId, else the execution's name"),
  executionArn: text('The execution of the batch'),
};

const counts = {
  rows: count('Rows of the batch'),
  succeeded: count('Rows that have their video'),
  failed: count('Rows that have failed'),
  unfinished: count('Rows that have not been started, are rendering, or were stopped'),
  costInUsd: count('What all renders of the batch have cost in USD, as Remotion estimates it'),
};

const results = z
  .nullable(
    z.object({
      jsonl: text('s3://bucket/key of the results, a JSON line a row, in order'),
      csv: text('s3://bucket/key of the same as CSV'),
      summary: text('s3://bucket/key of the summary'),
    }),
  )
  .check(z.describe('Where the results are; null when no row was started'));

const end = {
  failures: z
    .record(z.string(), z.number())
    .check(z.describe('How many rows failed with each error, by its name in docs/errors.md')),
  results,
  startedAt: time('When the execution started'),
  finishedAt: time('When the batch came to its end'),
};

/** The detail of every event about a batch, by its `detail-type`. */
export const BATCH_EVENT_SCHEMAS = {
  'Batch Started': z
    .object({
      ...about,
      rows: counts.rows,
      rowsToRender: count('Rows that have no video yet'),
      startedAt: end.startedAt,
    })
    .check(z.describe('All rows of a batch are valid, and their renders begin.')),
  'Batch Progressed': z
    .object({
      ...about,
      ...counts,
      running: count('Rows that are rendering'),
      at: time('When it was counted'),
    })
    .check(z.describe('How far a batch is; at most one a minute.')),
  'Batch Succeeded': z
    .object({ ...about, ...counts, ...end })
    .check(z.describe('All rows have their videos, but for those that may fail.')),
  'Batch Failed': z
    .object({
      ...about,
      batchId: z
        .nullable(z.string())
        .check(z.describe('As in Batch Started; null when the request has none that is valid')),
      ...counts,
      ...end,
      error: z
        .object({
          name: text('One of the names of batches in docs/errors.md; names may be added'),
          message: text('What happened, for a person'),
          remedy: text('What to do'),
        })
        .check(z.describe('Why the batch has not succeeded')),
    })
    .check(z.describe('A batch has ended, and rows are without a video.')),
} as const;

/** `detail-type` of an event about a batch. */
export type BatchEventType = keyof typeof BATCH_EVENT_SCHEMAS;

/** The detail of an event about a batch. */
export type BatchEventDetail<Type extends BatchEventType = BatchEventType> = z.infer<
  (typeof BATCH_EVENT_SCHEMAS)[Type]
>;

/** As EventBridge delivers an event about a batch. */
export type BatchEvent = {
  [Type in BatchEventType]: {
    'detail-type': Type;
    source: 'remotion-step-functions';
    detail: BatchEventDetail<Type>;
  };
}[BatchEventType];
