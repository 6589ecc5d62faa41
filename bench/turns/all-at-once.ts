import { seededRandom } from '../../proof/faults/seeded-random.ts';
import { PRICES } from '../prices.ts';
import {
  ACCOUNT_FUNCTIONS,
  FUNCTIONS_PER_RENDER,
  REMOTION_MEMORY_IN_GB,
  START_IN_MS,
} from './assumptions.ts';
import { EventQueue } from './event-queue.ts';
import { countOvertaking, type Outcome } from './outcome.ts';
import { PlaceLog } from './place-log.ts';
import type { Asked } from './rush-hour.ts';

/** From the start of a render's first function to those that it starts; and until it ends when one is refused. Beliefs. */
const FIRST_FUNCTION_IN_MS = 1_500;
const REFUSED_AFTER_IN_MS = 2_000;

/** Without a limit of renders a request waits so long for capacity, if it does not say. */
const START_TIMEOUT_IN_MS = 300_000;

/** As the state machine has it: the retries of a throttled start, and the wait after a throttled render. */
const startRetry = (retry: number) => Math.min(30, 2 * 1.5 ** retry);
const waitForCapacity = (renders: number) => Math.min(60, 5 * 2 ** renders);

/**
 * Without a limit: all start at once, and share the functions of the account. A render of which a function is refused
 * ends, is paid for, and is started anew while its request may wait.
 */
export function allAtOnce(
  asked: readonly Asked[],
  { limit, seed }: { limit: number; seed: number },
): Outcome {
  const random = seededRandom(seed);
  const queue = new EventQueue();
  const log = new PlaceLog(limit);
  const order: number[] = [];
  let free = ACCOUNT_FUNCTIONS;
  let [lost, transitions, wastedSeconds] = [0, 0, 0];

  const hold = (functions: number, forMs: number, then: () => void) => {
    free -= functions;
    queue.after(forMs, () => {
      free += functions;
      then();
    });
  };
  const start = (request: Asked, starts: number, renders: number) => {
    const again = (seconds: number, next: () => void) => {
      if (queue.now < request.at + START_TIMEOUT_IN_MS) return queue.after(seconds * 1000, next);
      lost += 1;
      log.gone(queue.now);
    };
    if (free < 1) {
      transitions += 1;
      return again(random() * startRetry(starts), () => start(request, starts + 1, renders));
    }
    hold(1, FIRST_FUNCTION_IN_MS, () => {
      const others = FUNCTIONS_PER_RENDER - 1;
      if (free < others + 1) {
        const got = Math.max(0, Math.min(free - 1, others)) + 1;
        wastedSeconds += (got * REFUSED_AFTER_IN_MS + FIRST_FUNCTION_IN_MS) / 1000;
        transitions += 3;
        return hold(Math.min(got, free), REFUSED_AFTER_IN_MS, () =>
          again(Math.ceil(random() * waitForCapacity(renders + 1)), () => start(request, 0, renders + 1)),
        );
      }
      log.begins(queue.now, request.at);
      order.push(request.at);
      hold(FUNCTIONS_PER_RENDER, request.renderTime, () => log.ends(queue.now));
    });
  };
  for (const request of asked) {
    queue.after(request.at, () => {
      log.comes(queue.now);
      queue.after(START_IN_MS, () => start(request, 0, 0));
    });
  }
  queue.run();
  return {
    name: 'without a limit: all start at once',
    delivered: asked.length - lost,
    lost,
    mostAtOnce: log.mostAtOnce,
    waitsInMs: log.waits,
    handoversInMs: log.handovers,
    freeShare: log.freeShare,
    idleShare: log.freeShare,
    foundAfterInMs: [],
    overtaking: countOvertaking(order),
    waitingCost: transitions * PRICES.stateTransition,
    wastedCost: wastedSeconds * REMOTION_MEMORY_IN_GB * PRICES.lambdaGigabyteSecond,
  };
}
