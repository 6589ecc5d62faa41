import { Readable } from 'node:stream';
import type { RenderTrace, TraceVersion } from './render-trace.ts';

/** The request of an AWS SDK client, as far as it matters here. */
interface SentRequest {
  readonly method: string;
  readonly path: string;
}

export const RENDER_ID = 'trace00000';
export const BUCKET = 'remotionlambda-useast1-bench';
export const REMOTION_FUNCTION = 'remotion-render-4-0-527-mem2048mb-disk2048mb-900sec';

/** The bucket of a render that is replayed: an AWS SDK request handler that answers from the trace. */
export class TraceBucket {
  reads = 0;
  readonly #trace: RenderTrace;
  readonly #startedAt: number;
  readonly #now: () => number;

  /**
   * @param startedAt When the render was started, in milliseconds since 1970.
   * @param now Milliseconds since 1970.
   */
  constructor(trace: RenderTrace, startedAt: number, now: () => number) {
    this.#trace = trace;
    this.#startedAt = startedAt;
    this.#now = now;
  }

  /** @throws Error for a request that is not a read of the progress or of the video. */
  async handle({ method, path }: SentRequest) {
    this.reads += 1;
    const at = this.#now() - this.#startedAt;
    if (method === 'GET' && path.endsWith(`/renders/${RENDER_ID}/progress.json`)) {
      const body = JSON.stringify(progressJson(this.#trace, versionAt(this.#trace, at), this.#startedAt));
      return answer(200, { 'content-type': 'application/json' }, body);
    }
    if (method === 'HEAD' && path.endsWith(`/renders/${RENDER_ID}/out.mp4`)) {
      return at >= this.#trace.outputAt ? answer(200, { 'content-length': '1000000' }) : answer(404);
    }
    throw new Error(`The replayed bucket does not answer ${method} ${path}.`);
  }

  /** An SDK client asks for these two. */
  httpHandlerConfigs() {
    return {};
  }
  updateHttpClientConfig() {}
  destroy() {}
}

function answer(statusCode: number, headers: Record<string, string> = {}, body = '') {
  return { response: { statusCode, headers, body: Readable.from([Buffer.from(body)]) } };
}

function versionAt({ versions }: RenderTrace, at: number): TraceVersion {
  let low = 0;
  let high = versions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((versions[middle]?.at ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  const version = versions[Math.max(0, low - 1)];
  if (!version) throw new Error('The trace has no versions.');
  return version;
}

/** progress.json as Remotion 4.0.527 writes it, in the fields that its client reads. */
function progressJson(trace: RenderTrace, version: TraceVersion, startedAt: number) {
  const finished = version === trace.versions.at(-1);
  const cost = { estimatedCost: 0.001, estimatedDisplayCost: '$0.001', currency: 'USD', disclaimer: '' };
  return {
    cancellationEnabled: true,
    chunks: Array.from({ length: version.chunksDone }, (_, index) => index),
    framesRendered: version.framesRendered,
    framesEncoded: version.framesEncoded,
    combinedFrames: version.combinedFrames,
    timeToCombine: version.combined ? 1_000 : null,
    timeToEncode: null,
    timeToRenderFrames: null,
    lambdasInvoked: version.lambdasInvoked,
    retries: Array.from({ length: version.retries }, (_, chunk) => ({ attempt: 2, time: startedAt, chunk })),
    timings: [],
    errors: [],
    fatalErrorTimestamp: null,
    timeoutTimestamp: startedAt + 900_000,
    functionLaunched: startedAt,
    serveUrlOpened: version.siteOpened ? startedAt : null,
    compositionValidated: version.compositionRead ? startedAt : null,
    receivedArtifact: [],
    renderMetadata: version.compositionRead ? renderMetadata(trace, startedAt) : null,
    postRenderData: finished
      ? {
          cost,
          errors: [],
          outputFile: '',
          outputSize: 1_000_000,
          renderSize: 1_000_000,
          timeToFinish: 1_000,
        }
      : null,
  };
}

function renderMetadata({ framesTotal, chunksTotal, hasAudio }: RenderTrace, startedAt: number) {
  return {
    type: 'video',
    startedDate: startedAt,
    totalChunks: chunksTotal,
    estimatedTotalLambdaInvokations: chunksTotal + 1,
    estimatedRenderLambdaInvokations: chunksTotal,
    codec: 'h264',
    audioCodec: null,
    muted: !hasAudio,
    frameRange: [0, framesTotal - 1],
    everyNthFrame: 1,
    renderId: RENDER_ID,
    memorySizeInMb: 2048,
    region: 'us-east-1',
    functionName: REMOTION_FUNCTION,
    rendererFunctionName: REMOTION_FUNCTION,
    inputProps: { type: 'payload', payload: '{}' },
  };
}
