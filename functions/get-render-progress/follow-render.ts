import type { RenderPace } from '../../statemachine/contract.ts';
import { type FrameCounters, paceOf, secondsLeftOf, surelyLeft } from './estimate-finish.ts';

/** Time between two reads of the progress in one look, in milliseconds; Remotion writes it every 250 at most. */
const SHORTEST_READ_INTERVAL_IN_MS = 750;
const LONGEST_READ_INTERVAL_IN_MS = 2_000;

/** How long a function goes on reading at most, in seconds, however seldom updates may be. */
export const LONGEST_STAY_IN_SECONDS = 120;

/**
 * The shortest wait that is worth leaving the function for, in seconds: another round of the loop (three state
 * transitions and an invocation) costs as much as some 19 seconds of this function with its reads
 * (`bench/prices.ts`).
 */
const WORTH_LEAVING_IN_SECONDS = 20;

/** So much earlier than the finish can be a look comes, in seconds. */
const MARGIN_IN_SECONDS = 1;

/** What a look takes beside its stay, in seconds: the call, the function's start, the reads. */
const LOOK_OVERHEAD_IN_SECONDS = 0.75;

/** A look that was to come after the wait but comes so much later, in milliseconds, tells nothing of a speed. */
const STALE_IN_MS = 120_000;

/** Where time comes from. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

/** What the look before has left. */
export interface EarlierLook {
  readonly pace: RenderPace;
  /** How long the state machine was to wait after it, in seconds. */
  readonly secondsUntilNextLook: number;
}

/** A look at a render: its last progress and when to look again. */
export interface Look<Progress> {
  readonly progress: Progress;
  readonly pace: RenderPace;
  /** Of the phase that the render is in; null while it is not known. */
  readonly secondsLeft: number | null;
  /** A whole number; 0 when the render is finished. */
  readonly secondsUntilNextLook: number;
}

export interface FollowRenderOptions<Progress> {
  /** Reads the progress. What it throws ends the look. */
  readonly read: () => Promise<{
    progress: Progress;
    counters: FrameCounters;
    /** Another look has to come within so many seconds. @default - as late as is good */
    lookWithinSeconds?: number;
  }>;
  readonly earlier: EarlierLook | undefined;
  /** A watcher sees a new report at least so often, in seconds. */
  readonly maxSecondsBetweenUpdates: number;
  readonly clock: Clock;
}

/**
 * Looks at a render: once while the finish is far, again and again while it is near or not to be estimated.
 *
 * Its time is bounded by its own counting, not only by the clock.
 */
export async function followRender<Progress>(
  options: FollowRenderOptions<Progress>,
): Promise<Look<Progress>> {
  const { read, earlier, maxSecondsBetweenUpdates, clock } = options;
  const begun = clock.now();
  const waitedInSeconds = earlier?.secondsUntilNextLook ?? 0;
  const stayInMs =
    1000 *
    Math.min(
      LONGEST_STAY_IN_SECONDS,
      maxSecondsBetweenUpdates -
        Math.min(waitedInSeconds, maxSecondsBetweenUpdates) -
        LOOK_OVERHEAD_IN_SECONDS,
    );
  let since = usable(earlier, begun);
  let stayedInMs = 0;
  for (;;) {
    const { progress, counters, lookWithinSeconds = Number.POSITIVE_INFINITY } = await read();
    const now = clock.now();
    const pace = paceOf(counters, since, now, since === earlier?.pace ? waitedInSeconds * 1000 : 0);
    if (since?.phase !== pace.phase || pace.frames < since.frames) since = pace;
    const secondsLeft = secondsLeftOf(pace, counters.framesTotal);
    const intervalInMs = readInterval(secondsLeft);
    stayedInMs = Math.max(stayedInMs, now - begun);
    const surely = Math.floor(surelyLeft(counters.framesTotal, pace, since) - MARGIN_IN_SECONDS);
    const wait = Math.max(0, Math.min(surely, maxSecondsBetweenUpdates - 1, Math.floor(lookWithinSeconds)));
    const stayLeftInMs = stayInMs - stayedInMs;
    const beyondStay = secondsLeft !== null && secondsLeft * 1000 > stayLeftInMs;
    if (
      counters.done ||
      (beyondStay && wait * 1000 >= stayLeftInMs) ||
      wait >= WORTH_LEAVING_IN_SECONDS ||
      intervalInMs > stayLeftInMs
    ) {
      return { progress, pace, secondsLeft, secondsUntilNextLook: wait };
    }
    await clock.sleep(intervalInMs);
    stayedInMs += intervalInMs;
  }
}

function readInterval(secondsLeft: number | null): number {
  const quarterInMs = ((secondsLeft ?? 0) * 1000) / 4;
  return Math.min(LONGEST_READ_INTERVAL_IN_MS, Math.max(SHORTEST_READ_INTERVAL_IN_MS, quarterInMs));
}

function usable(earlier: EarlierLook | undefined, now: number): RenderPace | undefined {
  if (!earlier) return undefined;
  return now - earlier.pace.at > earlier.secondsUntilNextLook * 1000 + STALE_IN_MS ? undefined : earlier.pace;
}
