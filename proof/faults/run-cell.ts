import { type Cell, nameOfCell } from './cell.ts';
import type { FaultMachine } from './fault-machine.ts';
import { type FaultRule, faultsByRule } from './fault-rule.ts';
import { brokenInvariants } from './invariants.ts';
import { JobRun } from './job-run.ts';
import { newRun } from './new-run.ts';
import { type Job, type Outcome, outcomeOf, type Run } from './run.ts';
import { seededRandom, seedOf } from './seeded-random.ts';
import { replaceRandom } from './virtual-time.ts';

export interface CellResult {
  /** The cell's name. */
  readonly cell: string;
  readonly outcome: Outcome;
  /** How the render of the first execution ended; `-` without one. */
  readonly render: string;
  /** How a redrive of what failed ended; `-` where nothing failed. */
  readonly redriven: Outcome;
  /** How the same request ended, sent again without faults. */
  readonly repeated: Outcome;
  /** What is wrong; empty for a good cell. */
  readonly problems: readonly string[];
}

/** Seconds after the end of an execution after which nothing of it may run any more. */
const GRACE = 45;
/** The same where the fault keeps the workflow from cancelling: until Remotion's function is out of time. */
const LONG_GRACE = 300;
/** Seconds after which no call is under way any more, however late it is. */
const SETTLED = 25 * 60;

/** As many failures as an SDK client has retries for, with some to spare. */
export const FEW_FAILURES = 40;

/** Runs a cell and what comes after it. */
export async function runCell(machine: FaultMachine, cell: Cell): Promise<CellResult> {
  const name = nameOfCell(cell);
  const job = `cell-${seedOf(name).toString(36)}`;
  const { outcome, render, after, problems } = await runOnce(machine, cell, job, repeat);
  const result = { cell: name, outcome, render, redriven: '-', repeated: after, problems };
  if (['SUCCEEDED', 'not started'].includes(outcome)) return result;
  const second = await runOnce(machine, cell, `${job}-redriven`, redrive);
  problems.push(...second.problems.map((each) => `redriven: ${each}`));
  if (second.outcome !== outcome) problems.push(`the second time it ended in ${second.outcome}`);
  return { ...result, redriven: second.after };
}

type After = (machine: FaultMachine, run: Run) => Promise<Outcome>;

async function runOnce(machine: FaultMachine, cell: Cell, job: string, after: After) {
  replaceRandom(seededRandom(seedOf(nameOfCell(cell))));
  const { scenario, fault } = cell;
  const wait = (seconds: number) => machine.time.clock.sleep(seconds * 1000);
  const run = newRun(machine, job, scenario);
  const nth = fault && ({ first: 1, second: 2, every: 'every' } as const)[fault.nth];
  const rules = [...(scenario.faults ?? []), ...(fault && nth ? [{ ...fault, nth }] : [])];
  if (!isLasting(cell)) machine.retireFunctions(FEW_FAILURES);
  const outcome = await run.run(faultsByRule(rules));
  const problems: string[] = [];
  if (outcome !== 'SUCCEEDED') {
    await wait(keepsFromCancelling(cell) ? LONG_GRACE : GRACE);
    if (ownJobs(run).some(({ isRendering }) => isRendering)) problems.push('a render runs on after the end');
  }
  const render = run.jobs[0]?.renders.at(-1)?.status ?? '-';
  await wait(SETTLED);
  run.calm();
  const rendersBefore = run.jobs.map(({ renders }) => renders.length);
  if ((await run.freeDestination()) === 'replaced') problems.push("somebody else's object was replaced");
  // What was throttled is rendered anew.
  const throttled = scenario.scripts.filter(({ throttledAtPercent }) => throttledAtPercent !== undefined);
  for (const renders of rendersBefore)
    if (renders > (fault?.kind === 'repeated' ? 2 : 1) + throttled.length)
      problems.push(`${renders} renders`);
  problems.push(...(await problemsOf(machine, run, outcome, rules)));
  const last = await after(machine, run);
  const how = after === repeat ? 'repeated' : 'redriven';
  problems.push(...run.wrongAgain(how, outcome, rendersBefore, last));
  await wait(GRACE);
  problems.push(...(await problemsOf(machine, run, last, rules)));
  await run.cleanUp();
  return { outcome, render, after: last, problems: [...new Set(problems)] };
}

async function problemsOf(
  machine: FaultMachine,
  run: Run,
  outcome: Outcome,
  rules: readonly FaultRule[],
): Promise<string[]> {
  const problems = await run.problems(outcome, rules);
  for (const job of run.jobs)
    problems.push(...(await brokenInvariants(machine, job, run.outcomeOf(job, outcome), rules)));
  return problems;
}

/** Those that the request is for: not those that others have asked for. */
function ownJobs(run: Run): readonly Job[] {
  return run instanceof JobRun ? [run] : run.jobs;
}

/** Its fault happens at every call. Such cells wear the functions out and come after all others. */
export function isLasting({ fault }: Cell): boolean {
  return fault?.nth === 'every';
}

function keepsFromCancelling({ scenario, fault }: Cell): boolean {
  const faults = [...(scenario.faults ?? []), ...(fault ? [fault] : [])];
  return faults.some(({ caller, name }) => [caller, name].includes('CancelRender'));
}

const repeat: After = async (_machine, run) => {
  const execution = run.startAgain();
  await run.ended();
  return outcomeOf(execution);
};

const redrive: After = async ({ stepFunctions }, run) => {
  const [execution] = run.executions;
  if (!execution || execution.status === 'SUCCEEDED') return outcomeOf(execution);
  try {
    stepFunctions.redriveExecution(execution.arn);
  } catch (error) {
    // One whose history is full cannot be redriven.
    if ((error as Error).name !== 'ExecutionNotRedrivable') throw error;
  }
  await execution.ended;
  return outcomeOf(execution);
};
