import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultKind } from '../faults/fault-kind.ts';
import { startFaultMachine, synthesizedForFaults } from '../faults/fault-machine.ts';
import { randomFaults } from '../faults/random-faults.ts';
import { seededRandom } from '../faults/seeded-random.ts';
import { realNow, replaceRandom } from '../faults/virtual-time.ts';
import { wrongResults, wrongVideos } from './batch-problems.ts';
import { BatchRun, type ProofRow } from './batch-run.ts';

export interface BatchProofOptions {
  readonly rows: number;
  /** Of the calls of the workflow and of the batch, from 0 to 1. Of Remotion's own none goes wrong. */
  readonly shareOfFaults: number;
  readonly seed: number;
  /** Told what happens. */
  readonly print: (line: string) => void;
}

/** What any call may come to at any time; a refusal would end a function that reads the results of all rows. */
const PASSING: readonly FaultKind[] = [
  'throttled',
  'internal-error',
  'error-after',
  'reset-before',
  'reset-after',
];
/** What an invocation of a function may come to beside it. */
const ENDS: readonly FaultKind[] = ['killed-before', 'killed-after', 'timed-out', 'late-answer'];

/** Of a hundred rows, those whose first render fails. */
const FAILING = 2;

/** Redrives of one batch, and batches, after which it is enough. */
const MAX_TRIES = 8;

/** Longer than the latest call takes, in milliseconds: nothing that was begun can still come. */
const SETTLED = 45 * 60_000;

/**
 * Renders a table on virtual time with a scripted Remotion, while calls go wrong, connections break, functions are
 * killed and one row in fifty fails at first. The batch is stopped when half of its rows are rendered, and redriven
 * until each row has its video or ends in `StartOutcomeUnknown`. Those are sent again under other jobs, as the
 * remedy of that error says.
 *
 * @returns what is wrong with what is left
 */
export async function proveBatch({ rows, shareOfFaults, seed, print }: BatchProofOptions): Promise<string[]> {
  const began = realNow();
  // Renders whose files stay are looked through in each search for a render whose start was not answered.
  const assembly = await synthesizedForFaults({ renderBatch: 'true', deleteSource: 'true' });
  const machine = await startFaultMachine({ assembly });
  const random = seededRandom(seed);
  replaceRandom(random);
  const happened = randomFaults(
    random,
    shareOfFaults,
    (kind, { way }) => PASSING.includes(kind) || (way === 'invocation' && ENDS.includes(kind)),
  );
  machine.happenings.fault = happened.source;
  const table = Array.from({ length: rows }, (_, n) => ({ n, fails: n % 100 < FAILING }));
  const startedAt = machine.time.clock.now();
  const problems: string[] = [];
  const rendered = () => machine.remotion.renders.filter(({ status }) => status === 'finished').length;
  const seconds = () => Math.round((realNow() - began) / 1000);
  let tenths = 0;
  const look = () => {
    if (rendered() < ((tenths + 1) * rows) / 10) return;
    tenths = Math.floor((rendered() * 10) / rows);
    print(`${rendered()} rendered after ${seconds()} s`);
  };
  try {
    let missing: readonly ProofRow[] = table;
    for (let batch = 1; missing.length > 0 && batch <= MAX_TRIES; batch += 1) {
      const name = batch === 1 ? 'rows' : `rows-${batch}`;
      print(`${name}: ${missing.length} rows`);
      const run = new BatchRun(machine, name, missing);
      await run.start();
      if (batch === 1) {
        while (rendered() < rows / 2 && (await run.status()) === 'RUNNING') {
          look();
          await sleep(5_000);
        }
        problems.push(...(await stop(run)));
        print(`stopped when ${rendered()} were rendered`);
      }
      await redriveUntilDone(run, look, print);
      const results = await run.results();
      problems.push(...wrongResults(name, missing.length, results, await run.summary()));
      missing = missing.filter((_, i) => results[i]?.status !== 'succeeded');
      await sleep(SETTLED);
    }
    machine.happenings.fault = () => undefined;
    problems.push(...(await wrongVideos(machine, table)));
    const hours = (machine.time.clock.now() - startedAt) / 3_600_000;
    const { user, system } = process.cpuUsage();
    const { renders } = machine.remotion;
    print(`${rows} rows, ${renders.length} renders started, ${rendered()} finished`);
    print(`${happened.faults} faults at ${happened.calls} calls, ${hours.toFixed(1)} hours of virtual time`);
    print(
      `${seconds()} s, ${Math.round((user + system) / 1_000_000)} s of processor time, ${(process.resourceUsage().maxRSS / 2 ** 20).toFixed(1)} GiB`,
    );
    return problems;
  } finally {
    await machine.stop();
  }
}

async function stop(run: BatchRun): Promise<string[]> {
  await run.stop();
  for (let minute = 0; minute < 60; minute += 1) {
    if ((await run.summary())?.outcome === 'BatchStopped') return [];
    await sleep(60_000);
  }
  return ['the stopped batch has no summary'];
}

/** Redrives it until each of its rows has a video, or nothing is left but starts whose answers are lost for good. */
async function redriveUntilDone(
  run: BatchRun,
  look: () => void,
  print: (line: string) => void,
): Promise<void> {
  let isSettled = false;
  for (let redrive = 0; redrive <= MAX_TRIES; redrive += 1) {
    if (redrive > 0) await run.redrive();
    const status = await run.end(look);
    const { succeeded, failed, unfinished, failures = {} } = (await run.summary()) ?? {};
    const names = Object.entries(failures).map(([name, count]) => `${count} ${name}`);
    const what = redrive === 0 ? 'ended' : `redrive ${redrive}`;
    print(
      `${what}: ${status}, ${succeeded} succeeded, ${unfinished} unfinished, ${failed} failed: ${names.join(', ') || '-'}`,
    );
    if (status === 'SUCCEEDED') return;
    const isUnknown =
      unfinished === 0 &&
      names.length > 0 &&
      Object.keys(failures).every((name) => name === 'StartOutcomeUnknown');
    if (isUnknown && isSettled) return;
    // What was stopped is redriven at once, while its calls may still be under way.
    isSettled = unfinished === 0;
    if (isSettled) await sleep(SETTLED);
  }
}
