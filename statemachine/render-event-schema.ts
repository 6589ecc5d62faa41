import * as z from 'zod/mini';

/** Version of the details of all events. A field may be added within a version; none is changed or taken away. */
export const RENDER_EVENT_VERSION = 1;

const time = (what: string) => z.iso.datetime().check(z.describe(`${what}, ISO 8601 in UTC`));
const milliseconds = (what: string) => z.number().check(z.minimum(0), z.describe(`${what}, in milliseconds`));
const text = (what: string) => z.string().check(z.describe(what));
const textOrNull = (what: string) => z.nullable(z.string()).check(z.describe(what));

const about = {
  version: z
    .literal(RENDER_EVENT_VERSION)
    .check(z.describe('Version of this schema. Fields may be added within a version.')),
  executionArn: text(
    'The execution that the event is about; with the detail-type, what to tell duplicates by',
  ),
  requestedAt: time('When the execution started'),
  context: z
    .nullable(z.record(z.string(), z.string()))
    .check(z.describe("The request's context, unchanged; null when it has none that is valid")),
};

const render = {
  jobId: text("The request's jobId, else the event's or message's id, else the execution's name"),
  renderId: text("Remotion's id of the render"),
  joined: z
    .boolean()
    .check(z.describe('Whether another execution of the job, or an earlier attempt, has started the render')),
  logsUrl: text("CloudWatch Logs of the render's main function"),
  startedAt: time('When the render was started'),
};

const renderIfAny = {
  jobId: textOrNull('As in Render Started; null when the request has none that is valid'),
  renderId: textOrNull("Remotion's id of the render; null when none is known to have been started"),
  logsUrl: textOrNull("CloudWatch Logs of the render's main function; null without a render"),
  startedAt: z
    .nullable(z.iso.datetime())
    .check(z.describe('When the render was started, ISO 8601 in UTC; null without a render')),
  costInUsd: z
    .nullable(z.number().check(z.minimum(0)))
    .check(
      z.describe(
        'Cost of the render in USD until it was cancelled, as Remotion estimates it; null if unknown',
      ),
    ),
};

const end = {
  finishedAt: time('When the execution came to its end'),
  totalTimeInMs: milliseconds('From requestedAt to finishedAt'),
};

const error = z
  .object({
    name: text('One of the names in docs/errors.md; names may be added'),
    message: z
      .string()
      .check(z.maxLength(8_000), z.describe('What happened, for a person, in at most 8,000 characters')),
    remedy: text('What to do'),
    retryable: z.boolean().check(z.describe('Whether the same request, sent again as it is, can succeed')),
  })
  .check(z.describe('Why there is no video'));

const output = z
  .object({
    bucket: text('Bucket that the video was copied to'),
    key: text('Object key'),
    s3Uri: text('s3://bucket/key'),
    sizeInBytes: z.number().check(z.minimum(0), z.describe('Size of the video in bytes')),
    etag: text('ETag of the copy, without its quotes'),
  })
  .check(z.describe('Where the video is'));

/** What became of the render of an execution that was stopped. */
export const CANCEL_OUTCOMES = {
  NothingStarted: 'No render was started, and none will be for this execution.',
  NotOurs: 'The render is that of another execution of the job, and was not touched.',
  Finished: 'The video was complete already; it may not be at its destination.',
  Cancelled: 'The render was told to stop, or had ended without a video.',
  Unknown: 'A start may have happened, but its render cannot be found.',
} as const;

/** The detail of every event that the workflow publishes, by its `detail-type`. */
export const RENDER_EVENT_SCHEMAS = {
  'Render Started': z
    .object({ ...about, ...render })
    .check(z.describe('An execution has started a render, or joined the render that its job has.')),
  'Render Succeeded': z
    .object({
      ...about,
      ...render,
      output,
      artifacts: z
        .array(
          z.object({
            filename: text('As the composition named it'),
            key: text('Object key, in the bucket of the video'),
            sizeInBytes: z.number().check(z.minimum(0), z.describe('Size in bytes')),
          }),
        )
        .check(z.describe('Files that the composition has emitted, delivered beside the video')),
      costInUsd: z
        .number()
        .check(z.minimum(0), z.describe('Cost of the render in USD, as Remotion estimates it')),
      framesRendered: z.number().check(z.describe('Frames of the video')),
      lambdasInvoked: z.number().check(z.describe('Invocations of the Remotion function')),
      renderTimeInMs: milliseconds('From the start of the render to its end'),
      ...end,
    })
    .check(z.describe('The video is at its destination.')),
  'Render Failed': z
    .object({ ...about, ...renderIfAny, error, ...end })
    .check(z.describe('An execution ends without a video, for a reason that has a name.')),
  'Render Cancelled': z
    .object({
      ...about,
      ...renderIfAny,
      status: z
        .enum(['ABORTED', 'TIMED_OUT'])
        .check(z.describe('Whether the execution was stopped, or ran out of its time')),
      outcome: z.enum(Object.keys(CANCEL_OUTCOMES) as [CancelOutcome, ...CancelOutcome[]]).check(
        z.describe(
          Object.entries(CANCEL_OUTCOMES)
            .map(([name, meaning]) => `${name}: ${meaning}`)
            .join(' '),
        ),
      ),
      error,
      ...end,
    })
    .check(z.describe('An execution was stopped or has timed out, and its render was seen to.')),
} as const;

export type CancelOutcome = keyof typeof CANCEL_OUTCOMES;

/** `detail-type` of an event that the workflow publishes. */
export type RenderEventType = keyof typeof RENDER_EVENT_SCHEMAS;

/** The detail of an event that the workflow publishes. */
export type RenderEventDetail<Type extends RenderEventType = RenderEventType> = z.infer<
  (typeof RENDER_EVENT_SCHEMAS)[Type]
>;

/** As EventBridge delivers an event that the workflow publishes. */
export type RenderEvent = {
  [Type in RenderEventType]: {
    version: string;
    /** Of the event: a repeated delivery has the same, an event that was published twice has two. */
    id: string;
    'detail-type': Type;
    source: 'remotion-step-functions';
    account: string;
    /** ISO 8601 in UTC, whole seconds. */
    time: string;
    region: string;
    resources: string[];
    detail: RenderEventDetail<Type>;
  };
}[RenderEventType];
