/** How a way to share places did. */
export interface Outcome {
  readonly name: string;
  readonly delivered: number;
  readonly lost: number;
  /** Most renders that had a place at once. */
  readonly mostAtOnce: number;
  /** From the request to the start of its render. */
  readonly waitsInMs: readonly number[];
  /** From when a place is known to be free, or somebody comes to wait, until a render is told to take it. */
  readonly handoversInMs: readonly number[];
  /** Of the time of all places while somebody waited: from when an end is known until the place is another's. */
  readonly freeShare: number;
  /** The same from the finish of a render to the start of the next: also what noticing, telling and starting take. */
  readonly idleShare: number;
  /** Of places whose end nobody told, how long they stood free. */
  readonly foundAfterInMs: readonly number[];
  /** Renders that got a place before one that had come more than a second earlier. */
  readonly overtaking: number;
  /** In USD, of all requests: what waiting costs, without the renders. */
  readonly waitingCost: number;
  /** In USD: functions of renders that came to nothing. */
  readonly wastedCost: number;
}

const AT_THE_SAME_TIME_IN_MS = 1_000;

/** @param cameAt of those that got a place, in the order in which they did */
export function countOvertaking(cameAt: readonly number[]): number {
  let earliestOfTheRest = Number.POSITIVE_INFINITY;
  let count = 0;
  for (const each of cameAt.toReversed()) {
    if (earliestOfTheRest < each - AT_THE_SAME_TIME_IN_MS) count += 1;
    earliestOfTheRest = Math.min(earliestOfTheRest, each);
  }
  return count;
}

export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return Number.NaN;
  return values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? Number.NaN;
}
