import { VERSION } from 'remotion/version';

/** Fields of Remotion's `start` and `launch` payloads that its progress repeats. */
export interface LaunchPayload {
  readonly type: 'start' | 'launch';
  readonly version?: string;
  readonly bucketName: string;
  readonly renderId: string;
  readonly composition: string;
  readonly serveUrl: string;
  readonly codec: string;
  readonly audioCodec: string | null;
  readonly inputProps: { readonly type: string; readonly payload?: string; readonly hash?: string };
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly downloadBehavior: Readonly<Record<string, string | null>> | null;
  readonly muted: boolean;
  readonly everyNthFrame: number;
  readonly enableCancellation?: boolean;
}

/** Of one function with 2 GB of memory, as Remotion's client estimates it while the render runs. */
const USD_PER_SECOND = 0.00003;

/** Scripted compositions have so many frames, in one chunk. */
const FRAMES = 100;

/** What Remotion's main function keeps in `renders/<id>/progress.json`. */
export interface ProgressFile {
  chunks: number[];
  framesRendered: number;
  framesEncoded: number;
  combinedFrames: number;
  lambdasInvoked: number;
  timeToCombine: number | null;
  timeToEncode: number | null;
  timeToRenderFrames: number | null;
  postRenderData: object | null;
  timings: { chunk: number; start: number; rendered: number }[];
  renderMetadata: { startedDate: number } | null;
  errors: object[];
  fatalErrorTimestamp: number | null;
  readonly timeoutTimestamp: number;
  readonly functionLaunched: number;
  readonly cancellationEnabled: boolean;
  serveUrlOpened: number | null;
  compositionValidated: number | null;
  readonly retries: [];
  readonly receivedArtifact: { readonly filename: string; readonly sizeInBytes: number }[];
}

/** As Remotion writes it when a render starts. @param timeoutTimestamp milliseconds since 1970 */
export function newProgress(
  { enableCancellation = false }: LaunchPayload,
  timeoutTimestamp: number,
): ProgressFile {
  return {
    cancellationEnabled: enableCancellation,
    chunks: [],
    framesRendered: 0,
    framesEncoded: 0,
    combinedFrames: 0,
    timeToCombine: null,
    timeToEncode: null,
    lambdasInvoked: 0,
    retries: [],
    postRenderData: null,
    timings: [],
    renderMetadata: null,
    errors: [],
    fatalErrorTimestamp: null,
    timeToRenderFrames: null,
    timeoutTimestamp,
    functionLaunched: Date.now(),
    serveUrlOpened: null,
    compositionValidated: null,
    receivedArtifact: [],
  };
}

/** Remotion has read the composition. */
export function readComposition(progress: ProgressFile, payload: LaunchPayload, functionName: string): void {
  const now = Date.now();
  progress.serveUrlOpened = now;
  progress.compositionValidated = now;
  progress.lambdasInvoked = 1;
  progress.renderMetadata = Object.assign(
    { startedDate: progress.functionLaunched },
    {
      type: 'video',
      siteId: payload.serveUrl,
      totalChunks: 1,
      estimatedTotalLambdaInvokations: 2,
      estimatedRenderLambdaInvokations: 1,
      compositionId: payload.composition,
      codec: payload.codec,
      audioCodec: payload.audioCodec,
      imageFormat: 'jpeg',
      inputProps: payload.inputProps,
      framesPerLambda: FRAMES,
      frameRange: [0, FRAMES - 1],
      everyNthFrame: payload.everyNthFrame,
      memorySizeInMb: 2048,
      functionName,
      rendererFunctionName: functionName,
      lambdaVersion: VERSION,
      region: process.env.AWS_REGION,
      renderId: payload.renderId,
      outName: undefined,
      outputFileIsConditional: false,
      privacy: 'private',
      deleteAfter: null,
      numberOfGifLoops: null,
      audioBitrate: null,
      downloadBehavior: payload.downloadBehavior,
      metadata: payload.metadata,
      muted: payload.muted,
      dimensions: { width: 1280, height: 720 },
      scale: 1,
    },
  );
}

/** So much of the frames is rendered and encoded. @param part 0 to 1 */
export function renderFrames(progress: ProgressFile, part: number): void {
  progress.framesRendered = Math.floor(FRAMES * part);
  progress.framesEncoded = progress.framesRendered;
}

/** The output is written. */
export function finish(progress: ProgressFile, outputSizeInBytes: number): void {
  const startTime = progress.renderMetadata?.startedDate ?? progress.functionLaunched;
  const duration = Date.now() - startTime;
  const estimatedCost = Number(((duration / 1000) * USD_PER_SECOND).toFixed(5));
  renderFrames(progress, 1);
  progress.chunks = [0];
  progress.combinedFrames = FRAMES;
  progress.timings = [{ chunk: 0, start: startTime, rendered: Date.now() }];
  Object.assign(progress, { timeToCombine: 0, timeToEncode: duration, timeToRenderFrames: duration });
  progress.postRenderData = {
    cost: { currency: 'USD', disclaimer: '', estimatedCost, estimatedDisplayCost: `$${estimatedCost}` },
    outputFile: '',
    timeToFinish: duration,
    errors: [],
    startTime,
    endTime: Date.now(),
    outputSize: outputSizeInBytes,
    renderSize: outputSizeInBytes,
    filesCleanedUp: 0,
    timeToEncode: duration,
    timeToCleanUp: 0,
    timeToRenderChunks: duration,
    timeToRenderFrames: duration,
    retriesInfo: [],
    mostExpensiveFrameRanges: [],
    deleteAfter: null,
    estimatedBillingDurationInMilliseconds: duration,
    timeToCombine: 0,
    artifactProgress: [],
  };
}

/** The render is lost. */
export function fail(progress: ProgressFile, name: string, message: string): void {
  progress.fatalErrorTimestamp = Date.now();
  progress.errors.push({
    type: 'renderer',
    name,
    message,
    stack: `${name}: ${message}`,
    frame: null,
    chunk: 0,
    isFatal: true,
    tmpDir: null,
    attempt: 1,
    totalAttempts: 1,
    willRetry: false,
  });
}
