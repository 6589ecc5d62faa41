import type { Place, Register } from '../../functions/turns/register.ts';
import { ticketId } from '../../functions/turns/ticket-id.ts';
import { Turns } from '../../functions/turns/turns.ts';
import { seededRandom } from '../../proof/faults/seeded-random.ts';
import { installVirtualTime, replaceRandom } from '../../proof/faults/virtual-time.ts';
import type { Turn } from '../../statemachine/contract.ts';
import { lognormal } from '../lognormal.ts';
import { PRICES } from '../prices.ts';
import {
  COPY_IN_MS,
  FUNCTION_MEMORY_IN_GB,
  LATENCIES,
  LATENCY_SPREAD,
  NOTICED_WITHIN_IN_MS,
  START_IN_MS,
  START_MEMORY_IN_GB,
  SWEEP_EVERY_IN_MS,
} from './assumptions.ts';
import { AwsOfTurns } from './aws-of-turns.ts';
import { countOvertaking, type Outcome } from './outcome.ts';
import { PlaceLog } from './place-log.ts';
import type { Asked } from './rush-hour.ts';

export interface TurnsRun {
  readonly name: string;
  readonly limit: number;
  readonly seed: number;
  /** Share of the ends of renders that are told by nobody, because the function that should dies. */
  readonly untoldShare?: number;
  /** How much slower than assumed AWS is. */
  readonly latencyFactor?: number;
}

/** Has all requests wait for their turn by the functions' own code, in virtual time: for one run in a process. */
export async function withTurns(
  asked: readonly Asked[],
  { name, limit, seed, untoldShare = 0, latencyFactor = 1 }: TurnsRun,
): Promise<Outcome & { conflicts: number; requests: AwsOfTurns['requests'] }> {
  const { clock } = installVirtualTime();
  const random = seededRandom(seed);
  replaceRandom(seededRandom(seed + 1));
  const start = clock.now();
  const now = () => clock.now() - start;
  const aws = new AwsOfTurns(clock, random, latencyFactor);
  const turns = new Turns({ s3: aws.s3, bucketName: 'bench', prefix: 'turns/', limit });
  const given = new PlaceLog(limit);
  const told = new PlaceLog(limit);
  const rendering = new PlaceLog(limit);
  const order: number[] = [];
  /** When the tickets that nobody has given a place came. */
  const line = new Map<string, number>();
  const untold = new Map<string, number>();
  const overExecutions = new Set<string>();
  const foundAfterInMs: number[] = [];
  const functions = { invocations: 0, gigabyteSeconds: 0 };
  let delivered = 0;

  aws.onPut = (key, body) => {
    if (!key.endsWith('register.json')) return;
    for (const { ticket } of (JSON.parse(body) as Register).places) {
      const cameAt = line.get(ticket);
      if (cameAt === undefined) continue;
      line.delete(ticket);
      given.begins(now(), cameAt);
      order.push(cameAt);
    }
  };
  const call = () => clock.sleep(latencyFactor * LATENCIES.call * lognormal(random, LATENCY_SPREAD));
  const measured = async <T>(memory: number, work: () => Promise<T>): Promise<T> => {
    const begin = clock.now();
    try {
      return await work();
    } finally {
      functions.gigabyteSeconds += (memory * (clock.now() - begin)) / 1000;
    }
  };

  async function execution(index: number, { renderTime }: Asked): Promise<void> {
    const executionArn = `arn:aws:states:us-east-1:123456789012:execution:Bench:${index}`;
    const cameAt = now();
    const taskToken = `token of ${index}`;
    const arrivedAt = clock.now();
    const facts = {
      goesFirst: false,
      priority: 'normal' as const,
      arrivedAt,
      giveUpAt: arrivedAt + 86_400_000,
    };
    const id = ticketId({ ...facts, executionArn, taskToken });
    line.set(id, cameAt);
    given.comes(cameAt);
    told.comes(cameAt);
    rendering.comes(cameAt);
    const called = new Promise<Turn>((resolve) => {
      aws.waiters.set(taskToken, (output) => {
        told.begins(now(), cameAt);
        resolve(JSON.parse(output));
      });
    });
    await call();
    functions.invocations += 1;
    // AwaitTurn. Its execution may go on before it has ended.
    void measured(FUNCTION_MEMORY_IN_GB, async () => {
      const joined = { id, executionArn, jobId: String(index), taskToken };
      await turns.line.join(joined);
      await turns.handOut(undefined, { joined });
    });
    const { ticket } = await called;
    await call();
    await measured(START_MEMORY_IN_GB, () => turns.take(ticket));
    await clock.sleep(START_IN_MS);
    rendering.begins(now(), cameAt);
    await clock.sleep(renderTime);
    rendering.ends(now());
    const { from, to } = NOTICED_WITHIN_IN_MS;
    await clock.sleep(from + random() * (to - from));
    delivered += 1;
    if (random() < untoldShare) {
      given.ends(now(), false);
      told.ends(now(), false);
      untold.set(ticket, now());
    } else {
      given.ends(now());
      told.ends(now());
      await measured(FUNCTION_MEMORY_IN_GB, () => turns.handOut((place) => place.ticket === ticket));
    }
    await clock.sleep(COPY_IN_MS);
    overExecutions.add(executionArn);
  }

  /** What the sweep does with places of executions that have ended. */
  async function sweep(): Promise<void> {
    const over = (await turns.places()).filter(({ executionArn }) => overExecutions.has(executionArn));
    const found = over.flatMap(({ ticket }) => untold.get(ticket) ?? []);
    for (const { ticket } of over) untold.delete(ticket);
    for (const _ of found) {
      given.found(now());
      told.found(now());
    }
    const isOver = (place: Place) => over.some(({ ticket }) => ticket === place.ticket);
    await turns.handOut(isOver, { looksAnew: true });
    foundAfterInMs.push(...found.map((since) => now() - since));
  }

  let isOver = false;
  let sweeps = 0;
  const sweeping = (async () => {
    while (!isOver) {
      await clock.sleep(SWEEP_EVERY_IN_MS);
      sweeps += 1;
      await measured(FUNCTION_MEMORY_IN_GB, sweep);
    }
  })();
  const executions: Promise<void>[] = [];
  for (const [index, request] of asked.entries()) {
    await clock.sleep(request.at - now());
    executions.push(execution(index, request));
  }
  await Promise.all(executions);
  isOver = true;
  await sweeping;
  if ((await turns.places()).length > 0) throw new Error('Places have leaked.');
  const { put, get, list } = aws.requests;
  return {
    name,
    delivered,
    lost: asked.length - delivered,
    mostAtOnce: told.mostAtOnce,
    waitsInMs: rendering.waits,
    handoversInMs: told.handovers,
    freeShare: given.freeShare,
    idleShare: rendering.freeShare,
    foundAfterInMs,
    overtaking: countOvertaking(order),
    waitingCost:
      asked.length * PRICES.stateTransition +
      (put + list) * PRICES.s3Write +
      get * PRICES.s3Read +
      (functions.invocations + sweeps) * PRICES.lambdaRequest +
      functions.gigabyteSeconds * PRICES.lambdaGigabyteSecond,
    wastedCost: 0,
    conflicts: aws.conflicts,
    requests: aws.requests,
  };
}
