import type { RenderMediaOnLambdaInput } from '@remotion/lambda/client';

import type { OptionNotOfARequest } from './render-options.ts';

export type {
  BatchCounts,
  BatchEvent,
  BatchEventDetail,
  BatchEventType,
  BatchForecast,
  BatchRequest,
  BatchSummary,
  ExpectedCost,
  RowProblem,
  RowResult,
  RowStatus,
  Stopping,
} from './batch-contract.ts';
export * from './render-event-names.ts';
export type {
  CancelOutcome,
  RenderEvent,
  RenderEventDetail,
  RenderEventType,
} from './render-event-schema.ts';

/** What to render: Remotion's own options, less those that no request may have (`RENDER_OPTIONS`). */
export type RenderOptions = Omit<RenderMediaOnLambdaInput, OptionNotOfARequest | 'serveUrl'> & {
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
   * Object key, in which `{jobId}`, `{renderId}` and `{extension}` stand for their values; the extension is the one
   * that Remotion gave the output, without its dot.
   * Default: `videos/{jobId}/{renderId}` and the extension that Remotion gave the output.
   */
  key?: string;
  /**
   * Whether the video may replace another object at that key.
   * Default false: then the execution ends in `DestinationExists` and the object stays as it is.
   */
  overwrite?: boolean;
  /** `Cache-Control` that the video is served with, such as `max-age=31536000`. Default: none. */
  cacheControl?: string;
  /** `Content-Disposition` that the video is served with, such as `attachment; filename="order.mp4"`. Default: none. */
  contentDisposition?: string;
  /** S3's storage class of the video. Default `STANDARD`. */
  storageClass?: StorageClass;
  /** Up to ten S3 tags of the video, where the stack allows them (`destinationTags`). Default: none. */
  tags?: Record<string, string>;
}

/** Storage classes that S3 takes an object into. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html */
export type StorageClass =
  | 'STANDARD'
  | 'INTELLIGENT_TIERING'
  | 'STANDARD_IA'
  | 'ONEZONE_IA'
  | 'GLACIER_IR'
  | 'GLACIER'
  | 'DEEP_ARCHIVE';

/** An execution's input, and the `detail` of a `Render Requested` event. */
export interface RenderRequest {
  /** Names the job in outputs, logs and keys. Default: the event's id, else the execution's name. */
  jobId?: string;
  render: RenderOptions;
  /** One of the renderer's `otherSizes`, by its name. Default: the renderer's own size. */
  size?: string;
  /** Default: the stack's destination bucket and a key made from the job and render ids. */
  destination?: Destination;
  /**
   * How long a start waits: for its turn, where the stack has `maxConcurrentRenders`, and while Lambda throttles it or
   * a function of its render. In seconds from 0 to 1,209,600 (14 days). Default 300, and 86,400 (a day) with
   * `maxConcurrentRenders`. Then the execution ends in `RenderThrottled`.
   */
  startTimeoutInSeconds?: number;
  /**
   * Whose turn comes first, where the stack has `maxConcurrentRenders`: a high priority is worth 15 minutes of waiting,
   * a low one costs as much. Default `normal`.
   */
  priority?: RenderPriority;
  /**
   * What the render may cost in USD, by Remotion's own estimate, with those before it that were throttled; more than
   * 0. A render that has cost more and is
   * not finished is cancelled, and the execution ends in `RenderOverBudget`. A finished video is delivered
   * whatever it has cost. Default: the stack's `maxCostInUsd`.
   */
  maxCostInUsd?: number;
  /**
   * The caller's own texts, in at most 2 KB as JSON, which come back unchanged in the output and in every event.
   * Default: none.
   */
  context?: Record<string, string>;
}

export type RenderPriority = 'high' | 'normal' | 'low';

/** What the state machine sends to every step beside the step's own values. */
interface StepInput {
  /** ARN of the execution: for the logs, and as the owner of the job's claim. */
  executionArn: string;
}

/** What the functions read the request out of. Nothing in it has been checked yet. */
export interface RequestInput extends StepInput {
  /** The execution's input, as it came. */
  input?: unknown;
  /** Instead of it, of executions that were started before an upgrade: the request, without envelopes. */
  request?: unknown;
  /** Beside `request`: its jobId, else the event's id, else the execution's name. */
  jobId?: unknown;
}

/** Since when and for what an execution waits to start its render. */
interface WaitingInput extends RequestInput {
  /** When the state machine first came to AwaitTurn or StartRender, as ISO 8601 text; retries do not change it. */
  enteredAt: string;
  /** The execution's render before, which has ended for want of capacity. Default: none. */
  throttledRenderId?: string | null;
}

/** Payload of the AwaitTurn function. */
export interface AwaitTurnInput extends WaitingInput {
  /** How often the execution came too late for its turn. Default 0. */
  lostTurns?: number;
  /** Id of the ticket of the execution's turn before, which is over: its place may not have been given back. */
  lastTicket?: string | null;
  /** With which the execution goes on when its turn has come. */
  taskToken: string;
}

/** What AwaitTurn answers while its execution waits. */
export interface WaitingTurn {
  /** Id of the ticket that was left; the ids in their order are the line. */
  ticket: string;
  /** ISO 8601 text. */
  waitsUntil: string;
}

/** Output of the state AwaitTurn, kept in the variable `$turn`. */
export interface Turn {
  /** Id of the ticket, by which the render takes its place and gives it back. */
  ticket: string;
  /** When it was called, in milliseconds since 1970. */
  calledAt: number;
  /** How long the render has waited for its turn. */
  waitedInSeconds: number;
}

/** Payload of the StartRender function. */
export interface StartRenderInput extends WaitingInput {
  /** Default: renders have no limit, or had none when the execution was started. */
  turn?: Turn | null;
}

/** A render that Remotion has accepted: the output of StartRender, kept in the variable `$render`. */
export interface StartedRender {
  jobId: string;
  /** Remotion's id of the render. */
  renderId: string;
  /** The Remotion bucket, in which the render's files are. */
  bucketName: string;
  /** Where the video will be copied; `key` may still hold `{renderId}` or lack its extension. */
  destination: Destination & { bucket: string };
  /** As in the request of this execution. Default: none. */
  context?: Record<string, string>;
  /** When StartRender called Remotion, in milliseconds since 1970. */
  startedAt: number;
  /**
   * Until when Remotion's main function may wait in Lambda's queue, in milliseconds since 1970. Default: for as long
   * as it may run.
   */
  launchBy?: number;
  /**
   * The Remotion function that renders; its name says what a second of it costs and how long it may run. Default:
   * the one that is deployed now.
   */
  functionName?: string;
  /** What the render may cost, in USD: the limit of the execution that started it. Default: anything. */
  maxCostInUsd?: number;
  /**
   * What renders of that execution have cost before that were throttled, in USD. It counts against the limit and in
   * `costInUsd`. Default: nothing.
   */
  spentBeforeInUsd?: number;
  /** CloudWatch Logs of the render's main function. */
  logsUrl: string;
  /** The render's folder in the S3 console. */
  folderInS3Console: string;
  /** Whether another execution of the same job, or an earlier attempt of this one, started the render. */
  joined?: true;
  /** Whether another execution has claimed the job. The metrics count a render for the execution that has. */
  ofOtherExecution?: true;
}

/** Payload of the GetRenderProgress function. */
export interface GetRenderProgressInput extends StepInput {
  render: StartedRender;
  /** The report of the look before; the render itself for the first look. */
  previous?: RenderProgressReport | StartedRender;
  /** As StartRender got it. */
  turn?: Turn | null;
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
  /** What the render is busy with, and how fast; the next look measures against it. */
  pace: RenderPace;
  /** Until the phase that the render is in is over, in seconds; null while that is not known. */
  secondsLeft: number | null;
  /** Cost of the render so far in USD, as Remotion estimates it, with those before it that were throttled. */
  costInUsd: number;
  /** How often the render has been looked at, with this time. */
  looks: number;
  /** How long WaitForRender waits, in whole seconds; 0 when the render is finished. */
  secondsUntilNextLook: number;
  /** CloudWatch Logs of the render's main function. */
  logsUrl: string;
  /** The first problem that Remotion reports and recovers from, in at most 300 characters. */
  warning?: string;
  /** The finished video in the Remotion bucket; null until it is finished. */
  output: RenderedVideo | null;
}

/** What a render is busy with. `delivering`: its video is complete and on its way into the Remotion bucket. */
export type RenderPhase = 'starting' | 'rendering' | 'encoding' | 'combining' | 'delivering' | 'finished';

/** How far a render's phase is and how fast it goes. */
export interface RenderPace {
  phase: RenderPhase;
  /** Frames that the phase is done with. */
  frames: number;
  /** When it was looked at, in milliseconds since 1970. */
  at: number;
  /** Null until it has been measured. */
  framesPerSecond: number | null;
}

/** A finished video where Remotion left it. */
export interface RenderedVideo {
  bucket: string;
  key: string;
  sizeInBytes: number;
  /** From the start of the render to its end, in milliseconds. */
  renderTimeInMs: number;
  /** How many files the composition has emitted beside it. Default: none. */
  artifacts?: number;
  /** The render counts as finished because of this file alone: Remotion's progress does not say so. */
  isOnlyProof?: true;
}

/** Payload of the CopyToBucket function. */
export interface CopyToBucketInput extends StepInput {
  /** ISO 8601 text. Executions that were started before an upgrade may have none. */
  executionStartedAt?: string;
  render: StartedRender;
  progress: RenderProgressReport;
}

/** A file that a composition emitted (https://www.remotion.dev/docs/artifacts), delivered beside the video. */
export interface DeliveredArtifact {
  /** As the composition named it. */
  filename: string;
  /** In the bucket of the video: the video's key without its extension, `/` and the filename. */
  key: string;
  sizeInBytes: number;
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
  /** What the composition has emitted beside the video: as many as 100 KiB can name. */
  artifacts: DeliveredArtifact[];
  /** How many more were delivered. Default: none. */
  artifactsNotListed?: number;
  /** As in the request. Default: none. */
  context?: Record<string, string>;
}

/** What a Catch of the state machine knows about a failed step. */
export interface StepFailure {
  step: 'AwaitTurn' | 'StartRender' | 'GetRenderProgress' | 'CopyToBucket';
  /** Name of the error: one of the workflow's, or AWS's own. */
  error: string;
  /** As Step Functions has it: of a function's error the JSON that Lambda answered. */
  cause: string;
}

/** Payload of the CancelRender function on the failure path. */
export interface CancelRenderInput extends RequestInput {
  /** The last that was started; null when none is known to have been. */
  render: StartedRender | null;
  /** As StartRender got it. */
  throttledRenderId?: string | null;
  failure: StepFailure;
  /** What the last look at the render has told of its cost, in USD. Default: unknown. */
  costInUsd?: number | null;
  /** The input of the execution is not here, because all of this must stay below 256 KiB. */
  inputLeftOut?: boolean;
}

/** Output of CancelRender: what the Fail state carries. */
export interface FailureReport {
  /** One of the workflow's error names. */
  error: string;
  /** A `FailureCause` as JSON text. */
  cause: string;
}

/** The cause of a failed execution, as JSON text. */
export interface FailureCause {
  jobId: string | null;
  /** As in the request; null when it has none that is valid. */
  context: Record<string, string> | null;
  /** Null when no render is known to have been started. */
  renderId: string | null;
  /** What happened, for a person. */
  message: string;
  /** What to do. */
  remedy: string;
  /** CloudWatch Logs of the render's main function. */
  logsUrl: string | null;
  /** Cost of the render in USD until it was cancelled, as Remotion estimates it; null if unknown. */
  costInUsd: number | null;
  /** Whether the same request, sent again as it is, can succeed. */
  retryable: boolean;
}
