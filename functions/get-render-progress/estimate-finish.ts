import type { RenderPace, RenderPhase } from '../../statemachine/contract.ts';

/**
 * Estimates when a render is finished.
 *
 * Remotion's `overallProgress` is a sum of fixed shares (invoking 10 %, frames 60 %, encoding 10 %, combining
 * 10 %), not of time: half of the time can pass in its last tenth. So the estimate goes by counters. A render
 * passes through phases, and each but the first counts the same frames from nothing to all: rendered, encoded,
 * combined. Encoding may run beside rendering or after it, which the progress does not tell beforehand; so the
 * frames that are left, at the speed of the last looks, are a lower bound of the time that is left, and what
 * comes after the phase is not guessed.
 */

/** After so long a standstill two thirds of a speed are forgotten, in milliseconds. */
const MEMORY_IN_MS = 20_000;

/** The counters of a render's progress. */
export interface FrameCounters {
  readonly done: boolean;
  /** Null until Remotion has read the composition. */
  readonly framesTotal: number | null;
  readonly framesRendered: number;
  readonly framesEncoded: number;
  readonly combinedFrames: number;
}

/**
 * Shortest time that a phase's first speed is measured over, in milliseconds: functions start cold some seconds
 * apart, and a speed measured while they do is too slow.
 */
const FIRST_WINDOW_IN_MS = 5_000;

/** The same for later speeds: frames are reported in bursts. */
const SHORTEST_WINDOW_IN_MS = 2_000;

/** The phase that the counters are in, and its frames. */
export function phaseOf(counters: FrameCounters): { phase: RenderPhase; frames: number } {
  const { done, framesTotal, framesRendered, framesEncoded, combinedFrames } = counters;
  if (done) return { phase: 'finished', frames: framesRendered };
  if (framesTotal === null || framesRendered === 0) return { phase: 'starting', frames: 0 };
  if (framesRendered < framesTotal) return { phase: 'rendering', frames: framesRendered };
  if (framesEncoded < framesTotal) return { phase: 'encoding', frames: framesEncoded };
  if (combinedFrames < framesTotal) return { phase: 'combining', frames: combinedFrames };
  return { phase: 'delivering', frames: framesTotal };
}

/**
 * Measures the speed since an earlier look, and lets it go over from the one known then: a chunk that hangs for
 * some seconds does not make the render slow, one that hangs on does.
 *
 * @param since The look to measure against, if there is one.
 * @param atLeastInMs How much time has passed since then at least, whatever the clocks say.
 */
export function paceOf(
  counters: FrameCounters,
  since: RenderPace | undefined,
  now: number,
  atLeastInMs = 0,
): RenderPace {
  const { phase, frames } = phaseOf(counters);
  const fresh = { phase, frames, at: now, framesPerSecond: null };
  if (since?.phase !== phase) return fresh;
  const frameDelta = frames - since.frames;
  const elapsedInMs = Math.max(now - since.at, atLeastInMs);
  const known = since.framesPerSecond;
  // A chunk that is tried again takes its frames back: that is no speed.
  if (frameDelta < 0 || elapsedInMs < SHORTEST_WINDOW_IN_MS) return { ...fresh, framesPerSecond: known };
  const measured = (1000 * frameDelta) / elapsedInMs;
  if (known === null) {
    const enough = frameDelta > 0 && elapsedInMs >= FIRST_WINDOW_IN_MS;
    return { ...fresh, framesPerSecond: enough ? measured : null };
  }
  const memory = Math.exp(-elapsedInMs / MEMORY_IN_MS);
  return { ...fresh, framesPerSecond: measured * (1 - memory) + known * memory };
}

/** Seconds until the phase is done with all frames, at its speed; null while that is not known. */
export function secondsLeftOf({ phase, frames, framesPerSecond }: RenderPace, framesTotal: number | null) {
  if (phase === 'finished') return 0;
  if (framesTotal === null || framesPerSecond === null) return null;
  return (framesTotal - frames) / framesPerSecond;
}

/**
 * Seconds for which the render will surely go on; 0 where nothing is known.
 *
 * Two thirds of what is left at the speed measured, seventeen twentieths of it near the end: a speed changes,
 * when more chunks start or the rest of the video is easier, but the more has been seen of it the less it does.
 * Of the last two speeds it is the faster one: what slowed the render down, such as a chunk that hangs, can be
 * over. The shares are the largest with which `npm run bench:polling` meets its goals for the delay.
 */
export function surelyLeft(framesTotal: number | null, pace: RenderPace, earlier: RenderPace): number {
  const { phase, frames, framesPerSecond } = pace;
  if (phase === 'finished' || framesTotal === null || framesPerSecond === null) return 0;
  const fastest = Math.max(framesPerSecond, earlier.phase === phase ? (earlier.framesPerSecond ?? 0) : 0);
  const share = Math.min(1, frames / framesTotal);
  return (0.65 + 0.2 * share) * ((framesTotal - frames) / fastest);
}
