import { WORKFLOW_ERRORS } from '../../statemachine/errors.ts';
import type { FaultMachine } from './fault-machine.ts';
import { brokenInvariants, wrongRepeat } from './invariants.ts';
import { JobRun } from './job-run.ts';
import { randomFaults } from './random-faults.ts';
import { outcomeOf } from './run.ts';
import { seededRandom } from './seeded-random.ts';
import { replaceRandom } from './virtual-time.ts';

export interface SoakResult {
  /** How many executions ended so, by outcome. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Of those that failed. */
  readonly repeats: number;
  readonly faults: number;
  /** That a fault could have happened to. */
  readonly calls: number;
  /** Virtual seconds until the last execution had ended. */
  readonly seconds: number;
  readonly problems: readonly string[];
}

const PROBABILITY = 0.02;

/** Many executions at once, a fault at 2 % of all calls; then each that failed again. */
export async function soak(machine: FaultMachine, executions: number, seed: number): Promise<SoakResult> {
  const random = seededRandom(seed);
  replaceRandom(random);
  const { clock } = machine.time;
  const startedAt = clock.now();
  const runs = Array.from(
    { length: executions },
    (_, index) => new JobRun(machine, `soak-${index}`, { name: 'soak', scripts: [{ seconds: 20 }] }),
  );
  const happened = randomFaults(random, PROBABILITY);
  machine.happenings.latency = () => 1 + Math.floor(random() * 200);
  machine.happenings.fault = happened.source;
  for (const run of runs) run.startAgain();
  await Promise.all(runs.map((run) => run.ended()));
  const seconds = Math.round((clock.now() - startedAt) / 1000);
  await clock.sleep(40 * 60_000);
  runs[0]?.calm();
  const problems: string[] = [];
  const outcomes: Record<string, number> = {};
  for (const run of runs) {
    const outcome = outcomeOf(run.executions[0]);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    const wrong = await accountFor(machine, run, outcome);
    problems.push(...wrong.map((each) => `${run.job}: ${outcome}: ${each}`));
  }
  const { faults, calls } = happened;
  const repeats = executions - (outcomes.SUCCEEDED ?? 0);
  return { outcomes, repeats, faults, calls, seconds, problems };
}

async function accountFor(machine: FaultMachine, run: JobRun, outcome: string): Promise<string[]> {
  const problems = await brokenInvariants(machine, run, outcome);
  if (outcome === 'SUCCEEDED') return problems;
  if (!(outcome in WORKFLOW_ERRORS)) problems.push('this is not documented');
  const rendersBefore = run.renders.length;
  const again = run.startAgain();
  await run.ended();
  problems.push(
    ...wrongRepeat(outcome, rendersBefore, outcomeOf(again), run.renders.length - rendersBefore),
    ...(await brokenInvariants(machine, run, outcomeOf(again))),
  );
  return problems;
}
