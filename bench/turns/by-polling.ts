import { seededRandom } from '../../proof/faults/seeded-random.ts';
import { lognormal } from '../lognormal.ts';
import { PRICES } from '../prices.ts';
import { LATENCIES, LATENCY_SPREAD, NOTICED_WITHIN_IN_MS, START_IN_MS } from './assumptions.ts';
import { EventQueue } from './event-queue.ts';
import { countOvertaking, type Outcome } from './outcome.ts';
import { PlaceLog } from './place-log.ts';
import type { Asked } from './rush-hour.ts';

export interface PollingRun {
  readonly limit: number;
  readonly seed: number;
  /** Seconds between two tries. */
  readonly every: number;
}

/** Of a Wait and of the Task that tries to count up, whose refusal is caught; the least that it can be. */
const TRANSITIONS_OF_A_TRY = 2;

/**
 * A counter in DynamoDB that the state machine counts up on a condition; who is refused waits and tries again. It
 * loses nothing here: no holder dies.
 */
export function byPolling(asked: readonly Asked[], { limit, seed, every }: PollingRun): Outcome {
  const random = seededRandom(seed);
  const queue = new EventQueue();
  const given = new PlaceLog(limit);
  const rendering = new PlaceLog(limit);
  const order: number[] = [];
  let running = 0;
  let [tries, retries] = [0, 0];
  const call = () => LATENCIES.call * lognormal(random, LATENCY_SPREAD);
  const noticed = () =>
    NOTICED_WITHIN_IN_MS.from + random() * (NOTICED_WITHIN_IN_MS.to - NOTICED_WITHIN_IN_MS.from);

  const begin = (cameAt: number, renderTime: number) => {
    running += 1;
    given.begins(queue.now, cameAt);
    order.push(cameAt);
    queue.after(call() + START_IN_MS, () => {
      rendering.begins(queue.now, cameAt);
      queue.after(renderTime, () => {
        rendering.ends(queue.now);
        queue.after(noticed(), () => {
          given.ends(queue.now);
          queue.after(call(), () => {
            running -= 1;
          });
        });
      });
    });
  };
  const attempt = (cameAt: number, renderTime: number) => {
    tries += 1;
    if (running < limit) return begin(cameAt, renderTime);
    retries += 1;
    queue.after(every * 1000 + call(), () => attempt(cameAt, renderTime));
  };
  for (const { at, renderTime } of asked) {
    queue.after(at, () => {
      given.comes(at);
      rendering.comes(at);
      queue.after(call(), () => attempt(at, renderTime));
    });
  }
  queue.run();
  const transitions = 2 * asked.length + TRANSITIONS_OF_A_TRY * retries;
  return {
    name: `poll and retry, every ${every} s`,
    delivered: asked.length,
    lost: 0,
    mostAtOnce: given.mostAtOnce,
    waitsInMs: rendering.waits,
    handoversInMs: given.handovers,
    freeShare: given.freeShare,
    idleShare: rendering.freeShare,
    foundAfterInMs: [],
    overtaking: countOvertaking(order),
    waitingCost: transitions * PRICES.stateTransition + (tries + asked.length) * PRICES.tableWrite,
    wastedCost: 0,
  };
}
