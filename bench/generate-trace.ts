import { seededRandom } from '../proof/faults/seeded-random.ts';
import { lognormal } from './lognormal.ts';
import type { RenderTrace, TraceVersion } from './render-trace.ts';

/**
 * A model of a render on Lambda, after Remotion 4.0.527's own code (launch, stream-renderer,
 * overall-render-progress) and the recorded traces:
 *
 * - Remotion's function starts (0.3 to 4 s, some cold), opens the site, reads the composition, and invokes a
 *   function for each chunk, 10 ms apart; each starts warm or cold (0.5 to 6 s) on its own.
 * - A chunk's functions differ in speed (12 %), and a frame's cost changes along the video by up to 45 %. A chunk
 *   is encoded beside its frames or, with little memory, after them.
 * - A chunk reports every ceil(chunks / 15) frames. One in 60 chunks fails on its way, loses its frames and is
 *   tried again. In every fourth render one chunk stalls for 3 to 20 s.
 * - Combining takes 0.2 s and 0.1 to 0.6 ms a frame and reports every second; the upload runs at 30 to 80 MB/s;
 *   deleting the props and the last version take another 0.1 to 0.4 s.
 * - progress.json is rewritten 250 to 350 ms after the version before.
 */
export interface GeneratedRender {
  /** About how long the render takes, in seconds. */
  readonly seconds: number;
  /** Chunks, which Remotion renders at the same time. */
  readonly functions: number;
  readonly seed: number;
}

interface Chunk {
  /** When each number of frames was rendered and encoded: [milliseconds, rendered, encoded], ascending. */
  readonly reports: readonly (readonly [number, number, number])[];
  readonly invokedAt: number;
  readonly doneAt: number;
  readonly retriedAt: number | undefined;
}

/** What a frame takes where the video is not limited by its length, in milliseconds. */
const PLAIN_FRAME_IN_MS = 100;

/** Ten minutes of video at 30 frames a second; long renders on many functions have slower frames instead. */
const MOST_FRAMES = 18_000;

export function generateTrace({ seconds, functions, seed }: GeneratedRender): RenderTrace {
  const random = seededRandom(seed);
  const between = (low: number, high: number) => low + (high - low) * random();
  const hasAudio = random() < 0.7;
  const encodedAfter = random() < 0.4;
  const siteOpenedAt = between(300, random() < 0.5 ? 1_000 : 4_000);
  const compositionReadAt = siteOpenedAt + between(150, 1_500);
  const renderingInMs = 1000 * seconds * 0.8;
  const framesPerChunk = Math.round(Math.min(renderingInMs / PLAIN_FRAME_IN_MS, MOST_FRAMES / functions));
  const framesTotal = framesPerChunk * functions;
  const weights = frameWeights(random, framesTotal);
  const stalled = random() < 0.25 ? Math.floor(random() * functions) : -1;
  const chunks = Array.from({ length: functions }, (_, index) =>
    generateChunk({
      random,
      weights: weights.slice(index * framesPerChunk, (index + 1) * framesPerChunk),
      frameInMs: (renderingInMs / framesPerChunk) * lognormal(random, 0.12),
      invokedAt: compositionReadAt + 10 * index + between(20, 200),
      reportEvery: Math.ceil(functions / 15),
      encodedAfter,
      stallInMs: index === stalled ? between(3_000, 20_000) : 0,
    }),
  );
  const chunksDoneAt = Math.max(...chunks.map(({ doneAt }) => doneAt));
  const combinedAt = chunksDoneAt + 200 + framesTotal * between(0.1, 0.6);
  const outputAt = combinedAt + (framesTotal * between(10, 40)) / between(30, 80);
  const finishedAt = outputAt + between(100, 400);

  const versions: TraceVersion[] = [];
  for (let at = -50; at < finishedAt; at += between(250, 350)) {
    const read = at >= compositionReadAt;
    const now = chunks.map((chunk) => reportAt(chunk, at));
    const combinedShare = (Math.floor((at - chunksDoneAt) / 1000) * 1000) / (combinedAt - chunksDoneAt);
    const combined = at >= combinedAt;
    versions.push({
      at: Math.round(at),
      siteOpened: at >= siteOpenedAt,
      compositionRead: read,
      lambdasInvoked: chunks.filter(({ invokedAt }) => at >= invokedAt + 200).length,
      framesRendered: sum(now.map(([rendered]) => rendered)),
      framesEncoded: sum(now.map(([, encoded]) => encoded)),
      chunksDone: chunks.filter(({ doneAt }) => at >= doneAt).length,
      combinedFrames: combined ? framesTotal : Math.floor(framesTotal * Math.max(0, combinedShare)),
      combined,
      retries: chunks.filter(({ retriedAt }) => retriedAt !== undefined && at >= retriedAt).length,
    });
  }
  const last = versions.at(-1);
  if (last) {
    const all = { framesRendered: framesTotal, framesEncoded: framesTotal, combinedFrames: framesTotal };
    versions.push({ ...last, ...all, at: Math.round(finishedAt), combined: true, chunksDone: functions });
  }
  return {
    name: `${seconds} s, ${functions} functions`,
    source: 'generated',
    framesTotal,
    chunksTotal: functions,
    hasAudio,
    outputAt: Math.round(outputAt),
    versions,
  };
}

interface ChunkPlan {
  readonly random: () => number;
  readonly weights: readonly number[];
  readonly frameInMs: number;
  readonly invokedAt: number;
  readonly reportEvery: number;
  readonly encodedAfter: boolean;
  readonly stallInMs: number;
}

function generateChunk(plan: ChunkPlan): Chunk {
  const { random, weights, frameInMs, invokedAt, reportEvery, encodedAfter, stallInMs } = plan;
  const frames = weights.length;
  const failsAt = random() < 1 / 60 ? Math.floor(frames * random()) : -1;
  const stallsAt = stallInMs > 0 ? Math.floor(frames * random()) : -1;
  const reports: [number, number, number][] = [];
  let retriedAt: number | undefined;
  let at = invokedAt + 500 + (random() < 0.5 ? 5_500 : 800) * random();
  for (let frame = 0; frame < frames; frame += 1) {
    at += frameInMs * (weights[frame] ?? 1) * (encodedAfter ? 0.85 : 1) * lognormal(random, 0.3);
    if (frame === stallsAt) at += stallInMs;
    if (frame === failsAt && retriedAt === undefined) {
      retriedAt = at;
      reports.push([at, 0, 0]);
      at += 1_000 + 2_000 * random();
      frame = -1;
    } else if ((frame + 1) % reportEvery === 0 || frame + 1 === frames) {
      reports.push([at, frame + 1, encodedAfter ? 0 : Math.max(0, frame - 4)]);
    }
  }
  const encodeSteps = encodedAfter ? 20 : 1;
  for (let step = 1; step <= encodeSteps; step += 1) {
    at += encodedAfter ? (frames * frameInMs * 0.15) / encodeSteps : 100;
    reports.push([at, frames, Math.floor((frames * step) / encodeSteps)]);
  }
  return { reports, invokedAt, doneAt: at + 100, retriedAt };
}

/** What the frames cost, along the video: a slow wave and a faster one, on average 1. */
function frameWeights(random: () => number, frames: number): number[] {
  const waves = [
    { height: 0.3 * random(), turns: 0.5 + random(), begin: random() },
    { height: 0.15 * random(), turns: 3 + 5 * random(), begin: random() },
  ];
  return Array.from({ length: frames }, (_, frame) =>
    waves.reduce(
      (cost, { height, turns, begin }) =>
        cost + height * Math.sin(2 * Math.PI * (begin + (turns * frame) / frames)),
      1,
    ),
  );
}

function reportAt({ reports }: Chunk, at: number): readonly [number, number] {
  let low = 0;
  let high = reports.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((reports[middle]?.[0] ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  const [, rendered, encoded] = reports[low - 1] ?? [0, 0, 0];
  return [rendered, encoded];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
