import { seededRandom } from '../../proof/faults/seeded-random.ts';
import { lognormal } from '../lognormal.ts';

/** A request as it comes, and how long its render takes. Milliseconds. */
export interface Asked {
  readonly at: number;
  readonly renderTime: number;
}

const HOUR_IN_MS = 3_600_000;

/** Of the requests, those that come in rushes, each within a few seconds. */
const SHARE_IN_RUSHES = 0.4;
const RUSH = { from: 20, to: 400, withinInMs: 5_000 };

/** So long that fifty at once are just enough for ten thousand in an hour. */
const MIDDLE_RENDER_IN_MS = 18_000;
const SPREAD = 0.15;

/** Requests of one hour, some of them in rushes, in the order in which they come. */
export function rushHour(requests: number, seed: number): Asked[] {
  const random = seededRandom(seed);
  const times: number[] = [];
  while (times.length < requests * SHARE_IN_RUSHES) {
    const size = RUSH.from + Math.floor(random() * (RUSH.to - RUSH.from));
    const begin = random() * (HOUR_IN_MS - RUSH.withinInMs);
    for (let each = 0; each < size; each += 1) times.push(begin + random() * RUSH.withinInMs);
  }
  times.length = Math.min(times.length, requests);
  while (times.length < requests) times.push(random() * HOUR_IN_MS);
  return times
    .sort((a, b) => a - b)
    .map((at) => ({ at, renderTime: MIDDLE_RENDER_IN_MS * lognormal(random, SPREAD) }));
}
