/** Records progress traces from real renders on this machine: `node bench/record-traces.ts [name…]`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Interceptor } from '../local/gateway.ts';
import { type Launched, launch } from '../local/launch.ts';
import { formatTrace, type RenderTrace, type TraceVersion } from './render-trace.ts';

const FOLDER = join(import.meta.dirname, 'traces');

interface Recording {
  /** Options of the request, beside the composition and the codec. */
  readonly render: object;
  /** Cuts the connection to the function that renders this chunk, once, so many milliseconds after its start. */
  readonly cut?: { readonly chunk: number; readonly afterInMs: number };
}

const small = { scale: 0.25 };

const RECORDINGS: Readonly<Record<string, Recording>> = {
  'one-second-with-audio': {
    render: { ...small, inputProps: { durationInSeconds: 1 }, framesPerLambda: 30 },
  },
  'one-second-without-audio': {
    render: { ...small, muted: true, inputProps: { durationInSeconds: 1 }, framesPerLambda: 30 },
  },
  'hello-world': { render: { framesPerLambda: 60 } },
  'one-function': { render: { ...small, concurrency: 1, inputProps: { durationInSeconds: 8 } } },
  'twenty-seconds-without-audio': {
    render: { ...small, muted: true, inputProps: { durationInSeconds: 20 }, framesPerLambda: 200 },
  },
  'one-minute-with-audio': {
    render: { ...small, inputProps: { durationInSeconds: 60 }, framesPerLambda: 600 },
  },
  'chunk-retried': {
    render: { ...small, inputProps: { durationInSeconds: 20 }, framesPerLambda: 200 },
    cut: { chunk: 1, afterInMs: 6_000 },
  },
  'slow-frames': {
    render: {
      ...small,
      concurrencyPerLambda: 1,
      inputProps: { durationInSeconds: 10, delayPerFrameInMilliseconds: 500 },
      framesPerLambda: 150,
    },
  },
};

type RecordedProgress = {
  readonly serveUrlOpened: number | null;
  readonly renderMetadata: { readonly totalChunks: number; readonly frameRange: [number, number] } | null;
  readonly lambdasInvoked: number;
  readonly framesRendered: number;
  readonly framesEncoded: number;
  readonly combinedFrames: number;
  readonly timeToCombine: number | null;
  readonly timings: readonly unknown[];
  readonly retries: readonly unknown[];
  readonly postRenderData: object | null;
};

/** What passes the gateway while a render is recorded. */
class Tape {
  readonly versions: { at: number; progress: RecordedProgress }[] = [];
  outputAt = 0;
  cut: Recording['cut'];

  readonly intercept: Interceptor = async ({ service, request }, next) => {
    const answer = await next();
    if (service === 's3' && request.method === 'PUT') {
      if (request.path.endsWith('/progress.json'))
        this.versions.push({ at: Date.now(), progress: parseBody(request.body) });
      if (/\/renders\/[^/]+\/out\./.test(request.path)) this.outputAt = Date.now();
    }
    const { cut } = this;
    if (cut && request.path.endsWith('/response-streaming-invocations')) {
      const { type, chunk } = JSON.parse(request.body.toString());
      if (type === 'renderer' && chunk === cut.chunk && answer.body instanceof Readable) {
        this.cut = undefined;
        const { body } = answer;
        setTimeout(() => body.destroy(new Error('socket hang up')), cut.afterInMs);
      }
    }
    return answer;
  };
}

/** The SDK wraps what it sends in chunks with checksums. */
function parseBody(body: Buffer): RecordedProgress {
  return JSON.parse(body.subarray(body.indexOf('{'), body.lastIndexOf('}') + 1).toString());
}

async function record(
  machine: Launched,
  tape: Tape,
  name: string,
  recording: Recording,
): Promise<RenderTrace> {
  tape.versions.length = 0;
  tape.cut = recording.cut;
  const input = { jobId: name, render: { composition: 'HelloWorld', codec: 'h264', ...recording.render } };
  const execution = machine.stepFunctions.startExecution({
    stateMachineArn: machine.stack.outputs.StateMachineArn ?? '',
    input: JSON.stringify(input),
  });
  await execution.ended;
  if (execution.status !== 'SUCCEEDED')
    throw new Error(`${name}: ${execution.status} ${execution.error}: ${execution.cause}`);
  const started = execution.events.find(
    ({ type, stateExitedEventDetails: state }) =>
      type === 'TaskStateExited' && (state as { name: string }).name === 'StartRender',
  );
  const startedAt = Math.round((started?.timestamp ?? 0) * 1000);
  const last = tape.versions.findLast(({ progress }) => progress.postRenderData);
  const metadata = last?.progress.renderMetadata;
  if (!metadata) throw new Error(`${name}: no finished progress was written.`);
  const [first, end] = metadata.frameRange;
  return {
    name,
    source: 'recorded',
    framesTotal: end - first + 1,
    chunksTotal: metadata.totalChunks,
    hasAudio: !('muted' in recording.render),
    outputAt: tape.outputAt - startedAt,
    versions: tape.versions.map(({ at, progress }) => toVersion(at - startedAt, progress)),
  };
}

function toVersion(at: number, progress: RecordedProgress): TraceVersion {
  return {
    at,
    siteOpened: progress.serveUrlOpened !== null,
    compositionRead: progress.renderMetadata !== null,
    lambdasInvoked: progress.lambdasInvoked,
    framesRendered: progress.framesRendered,
    framesEncoded: progress.framesEncoded,
    chunksDone: progress.timings.length,
    combinedFrames: progress.combinedFrames,
    combined: progress.timeToCombine !== null,
    retries: progress.retries.length,
  };
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in RECORDINGS));
if (unknown.length > 0) {
  console.error(`No recording ${unknown.join(', ')}; there are ${Object.keys(RECORDINGS).join(', ')}.`);
  process.exit(2);
}
mkdirSync(FOLDER, { recursive: true });
const tape = new Tape();
const machine = await launch({ intercept: tape.intercept });
try {
  for (const [name, recording] of Object.entries(RECORDINGS)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    const trace = await record(machine, tape, name, recording);
    writeFileSync(join(FOLDER, `${name}.json`), formatTrace(trace));
    console.log(`${name}: ${trace.versions.length} versions, ${trace.versions.at(-1)?.at} ms`);
  }
} finally {
  await machine.stop();
}
