import type { RenderMediaOnLambdaInput } from '@remotion/lambda/client';
import * as z from 'zod/mini';

type RemotionCodec = RenderMediaOnLambdaInput['codec'];

/** Codecs that Remotion Lambda renders. Source: https://www.remotion.dev/docs/lambda/rendermediaonlambda#codec */
export const CODECS = [
  'h264',
  'h265',
  'vp8',
  'vp9',
  'mp3',
  'aac',
  'wav',
  'gif',
  'prores',
] as const satisfies readonly RemotionCodec[];

/** Render options that the workflow sets itself, so a request may not. */
export type WorkflowOwnedOption =
  | 'region'
  | 'functionName'
  | 'forceBucketName'
  | 'forcePathStyle'
  | 'requestHandler'
  | 'enableCancellation'
  | 'outName'
  | 'licenseKey'
  | 'apiKey';

/** What to render: Remotion's own options, passed on unchanged, less those that the workflow owns. */
export type RenderOptions = Omit<RenderMediaOnLambdaInput, WorkflowOwnedOption | 'serveUrl'> & {
  /** URL or name of the Remotion site. Default: the stack's `defaultServeUrl`. */
  serveUrl?: string;
  /**
   * `s3://bucket/key` of a JSON object with the input props, instead of `inputProps`, for props that do not
   * fit into an execution's 256 KiB. The object must be under `input-props/` in the Remotion bucket.
   */
  inputPropsUri?: string;
};

/** Where the finished video goes. */
export interface Destination {
  /** One of the stack's destination buckets. Default: the first of them. */
  bucket?: string;
  /**
   * Object key, in which `{jobId}` and `{renderId}` stand for their values.
   * Default: `videos/{jobId}/{renderId}` and the extension that Remotion gave the output.
   */
  key?: string;
}

/** An execution's input, and the `detail` of a `Render Requested` event. */
export interface RenderRequest {
  /** Names the job in outputs, logs and keys. Default: the event's id, else the execution's name. */
  jobId?: string;
  render: RenderOptions;
  /** Default: the stack's destination bucket and a key made from the job and render ids. */
  destination?: Destination;
}

/** What the state machine sends to every step beside the step's own values. */
interface StepInput {
  /** ARN of the execution, for the logs. */
  executionArn: string;
}

/** Payload of the StartRender function. Nothing in it has been checked yet. */
export interface StartRenderInput extends StepInput {
  /** The request's jobId, else the event's id, else the execution's name. */
  jobId: unknown;
  /** The execution's input, or the `detail` of the event that it was. */
  request: unknown;
}

/** A render that Remotion has accepted: the output of StartRender, kept in the variable `$render`. */
export interface StartedRender {
  jobId: string;
  /** Remotion's id of the render. */
  renderId: string;
  /** The Remotion bucket, in which the render's files are. */
  bucketName: string;
  /** Where the video will be copied; `key` may still hold `{renderId}` or lack its extension. */
  destination: { bucket: string; key?: string };
  /** When StartRender called Remotion, in milliseconds since 1970. */
  startedAt: number;
  /** CloudWatch Logs of the render's main function. */
  logsUrl: string;
  /** The render's folder in the S3 console. */
  folderInS3Console: string;
  /** How long WaitForRender waits, in seconds. */
  secondsUntilNextLook: number;
}

/** Payload of the GetRenderProgress function. */
export interface GetRenderProgressInput extends StepInput {
  render: StartedRender;
}

/** One look at a render: the output of GetRenderProgress, and what a watcher of the console sees. */
export interface RenderProgressReport {
  jobId: string;
  renderId: string;
  /** Whether the video is complete. */
  finished: boolean;
  /** 0 to 100. */
  progressInPercent: number;
  framesRendered: number;
  /** Null until Remotion has read the composition. */
  framesTotal: number | null;
  lambdasInvoked: number;
  /** Cost of the render so far in USD, as Remotion estimates it. */
  costInUsd: number;
  /** How long WaitForRender waits, in seconds; 0 when the render is finished. */
  secondsUntilNextLook: number;
  /** CloudWatch Logs of the render's main function. */
  logsUrl: string;
  /** The first problem that Remotion reports and recovers from, in at most 300 characters. */
  warning?: string;
  /** The finished video in the Remotion bucket; null until it is finished. */
  output: RenderedVideo | null;
}

/** A finished video where Remotion left it. */
export interface RenderedVideo {
  bucket: string;
  key: string;
  sizeInBytes: number;
  /** From the start of the render to its end, in milliseconds. */
  renderTimeInMs: number;
}

/** Payload of the CopyToBucket function. */
export interface CopyToBucketInput extends StepInput {
  render: StartedRender;
  progress: RenderProgressReport;
}

/** Output of a finished execution. */
export interface RenderResult {
  jobId: string;
  renderId: string;
  /** Bucket that the video was copied to. */
  bucket: string;
  key: string;
  /** `s3://bucket/key` */
  s3Uri: string;
  sizeInBytes: number;
  /** ETag of the copy, without its quotes. */
  etag: string;
  /** Cost of the render in USD, as Remotion estimates it. */
  costInUsd: number;
  /** From the start of the render to its end, in milliseconds. */
  renderTimeInMs: number;
  framesRendered: number;
  lambdasInvoked: number;
}

const text = (accepted: string) => z.string(accepted).check(z.minLength(1, accepted));
const refused = (why: string) => z.optional(z.never(why));

const ownedByTheWorkflow = refused('not accepted in a request: the workflow sets it');

/** Accepted form of a jobId: it becomes part of object keys. */
export const jobIdSchema = z
  .string("1 to 128 letters, digits or !_.*'()=+@- that begin with a letter or digit")
  .check(
    z.regex(
      /^[A-Za-z0-9][A-Za-z0-9!_.*'()=+@-]{0,127}$/,
      "1 to 128 letters, digits or !_.*'()=+@- that begin with a letter or digit",
    ),
  );

const renderOptionsSchema = z
  .looseObject(
    {
      serveUrl: z.optional(text('the URL or the name of a Remotion site')),
      composition: text('the id of a composition'),
      codec: z.enum(CODECS, `one of ${CODECS.join(', ')}`),
      inputProps: z.optional(z.record(z.string(), z.unknown(), 'an object')),
      inputPropsUri: z.optional(
        z
          .string('s3://<Remotion bucket>/input-props/<name>')
          .check(z.regex(/^s3:\/\/[^/]+\/.+$/, 's3://<Remotion bucket>/input-props/<name>')),
      ),
      webhook: z.nullish(
        z.looseObject({
          secret: z.optional(z.null('null: a secret would stay readable in the execution history')),
        }),
      ),
      region: ownedByTheWorkflow,
      functionName: ownedByTheWorkflow,
      forceBucketName: ownedByTheWorkflow,
      forcePathStyle: ownedByTheWorkflow,
      requestHandler: ownedByTheWorkflow,
      enableCancellation: ownedByTheWorkflow,
      outName: refused('not accepted in a request: say with "destination" where the video goes'),
      licenseKey: refused('not accepted in a request: it is a setting of the stack'),
      apiKey: refused('not accepted in a request: it is a setting of the stack'),
      s3OutputProvider: refused('not accepted: keys would stay readable in the execution history'),
    },
    'an object with the options of renderMediaOnLambda',
  )
  .check(
    z.refine((render) => render.inputProps === undefined || render.inputPropsUri === undefined, {
      path: ['inputPropsUri'],
      error: 'either inputProps or inputPropsUri, not both',
    }),
  );

const destinationSchema = z.strictObject(
  {
    bucket: z.optional(text("one of the stack's destination buckets")),
    key: z.optional(
      z.string('an object key of 1 to 1,024 bytes, in which {jobId} and {renderId} are filled in').check(
        z.refine((key) => isObjectKeyTemplate(key), {
          error:
            'an object key of 1 to 1,024 bytes that does not begin with "/", whose only placeholders are {jobId} and {renderId}',
        }),
      ),
    ),
  },
  'an object with bucket and key, both optional',
);

/** The one schema of a request. Messages say what is accepted; `parseRenderRequest` adds the field and the value. */
export const renderRequestSchema = z.strictObject(
  {
    jobId: z.optional(jobIdSchema),
    render: renderOptionsSchema,
    destination: z.optional(destinationSchema),
  },
  'an object with render, and optionally jobId and destination',
);

function isObjectKeyTemplate(key: string): boolean {
  const filledIn = key.replaceAll('{jobId}', '').replaceAll('{renderId}', '');
  const length = new TextEncoder().encode(key).length;
  return length >= 1 && length <= 1024 && !key.startsWith('/') && !/[{}\p{Cc}]/u.test(filledIn);
}
