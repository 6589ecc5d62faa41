import fc from 'fast-check';
import { WORKFLOW_ERRORS } from '../../statemachine/errors.ts';
import { REFUSED_SITE, type RenderScript, THROTTLED_LAUNCH } from '../scripted-remotion/render-script.ts';
import { Course } from './course.ts';
import { faultsOf, type ObservedCall } from './fault-kind.ts';
import { type FaultMachine, NOTHING_HAPPENS } from './fault-machine.ts';
import { type FaultRule, faultsByRule } from './fault-rule.ts';
import { brokenInvariants } from './invariants.ts';
import { JobRun } from './job-run.ts';
import { outcomeOf } from './run.ts';
import { FEW_FAILURES } from './run-cell.ts';
import { IN_PARTS } from './scenario.ts';
import { seededRandom, seedOf } from './seeded-random.ts';
import { replaceRandom } from './virtual-time.ts';

/** What happens to one job, and when. */
export interface Schedule {
  /** How its first render goes; all further ones succeed. */
  readonly script: RenderScript;
  readonly startedByEvent: boolean;
  readonly faults: readonly FaultRule[];
  /** Seconds after which the same request arrives again. */
  readonly repeatsAfter: readonly number[];
  /** Seconds after which the first execution is stopped. */
  readonly stopAfter: number | null;
  /** How often a failed or stopped first execution is redriven. */
  readonly redrives: number;
  /** Whether the stack deletes a render's files once the video is delivered. */
  readonly deletesSource: boolean;
}

const SCRIPTS: readonly RenderScript[] = [
  {},
  { seconds: 20 },
  { startDelay: 15 },
  { failAtPercent: 40 },
  { hang: 'before-metadata' },
  { hang: 'at-99' },
  { liesAboutTimeout: true },
  { seconds: 20, finishesAfterCancel: true },
  { refusesStart: 'No.' },
  { refusesStart: REFUSED_SITE },
  { refusesStart: THROTTLED_LAUNCH },
  { throttledAtPercent: 0 },
  { throttledAtPercent: 60 },
  { launchDelay: 30 },
  { launchDelay: 140 },
  IN_PARTS,
];

/** Schedules of up to four faults at these calls, with duplicates, a stop and redrives. */
export function schedules(calls: readonly ObservedCall[]): fc.Arbitrary<Schedule> {
  const faults = calls.flatMap((call) => faultsOf(call).map((kind) => ({ ...call, kind })));
  const fault = fc
    .record({
      fault: fc.constantFrom(...faults),
      nth: fc.constantFrom<FaultRule['nth']>(1, 1, 2, 2, 3, 4, 'every'),
    })
    // A request that arrives again at every call of its own repeats would do so for ever.
    .map(({ fault: { caller, name, kind }, nth }) => ({
      ...{ caller, name, kind },
      nth: kind === 'repeated' && nth === 'every' ? 1 : nth,
    }));
  const seconds = fc.oneof(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 300 }));
  return fc.record({
    script: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, fc.constantFrom(...SCRIPTS)),
    startedByEvent: fc.boolean(),
    faults: fc.array(fault, { maxLength: 4 }),
    repeatsAfter: fc.array(seconds, { maxLength: 2 }),
    stopAfter: fc.option(seconds, { freq: 3 }),
    redrives: fc.integer({ min: 0, max: 2 }),
    deletesSource: fc.boolean(),
  });
}

/** Seconds after which nothing of a job is under way any more: a render, a late call, the retries of an event. */
const SETTLED = 40 * 60;

/** What came out of a schedule. */
export interface ScheduleResult {
  /** One line for each thing that is wrong. */
  readonly problems: readonly string[];
  /** One line for each call and each end of an execution, with its second: the same whenever it is run. */
  readonly course: readonly string[];
}

/** Runs a schedule and then the same request without faults. */
export async function runSchedule(
  machine: FaultMachine,
  job: string,
  schedule: Schedule,
): Promise<ScheduleResult> {
  const { clock } = machine.time;
  const wait = (seconds: number) => clock.sleep(seconds * 1000);
  // The same part of a minute for every run, so that a run alone is as it was among others.
  await clock.sleep(60_000 - (clock.now() % 60_000));
  // What uses up a client's retries has to find all of them.
  machine.retireFunctions(schedule.faults.some(({ nth }) => nth === 'every') ? 0 : FEW_FAILURES);
  const course = new Course(clock);
  const random = seededRandom(seedOf(JSON.stringify(schedule)));
  replaceRandom(random);
  const { script, startedByEvent, stopAfter } = schedule;
  const run = new JobRun(machine, job, {
    name: job,
    scripts: [script, {}],
    startedByEvent,
    ...(stopAfter !== null && { stopAfterSeconds: stopAfter }),
  });
  machine.happenings.latency = () => 1 + Math.floor(random() * 200);
  const repeats = schedule.repeatsAfter.map((after) => wait(after).then(() => run.startAgain()));
  await run.run(course.observing(faultsByRule(schedule.faults)));
  await Promise.all(repeats);
  await run.ended();
  for (let redrive = 0; redrive < schedule.redrives; redrive++) await redriven(machine, run);
  await wait(SETTLED);
  await run.ended();
  run.calm();
  machine.happenings.fault = course.observing(() => undefined);
  const problems = undocumented(run);
  if ((await run.freeDestination()) === 'replaced') problems.push("somebody else's object was replaced");
  if (run.isRendering) problems.push('a render runs on');
  problems.push(...(await brokenInvariants(machine, run, bestOutcome(run), schedule.faults)));
  const again = async () => {
    const last = run.startAgain();
    await run.ended();
    return outcomeOf(last);
  };
  const isFirstRender = run.renders.length === 0;
  let end = await again();
  // A render that fails, or is refused, by its script may only have been started now; the next one succeeds.
  if (isFirstRender && FAILS_BY_SCRIPT.includes(end)) end = await again();
  // A fault, or an error in Remotion's answer, may have hidden whether the one start took effect.
  const hidden = schedule.faults.length > 0 || script.refusesStart !== undefined;
  const mayBeUnknown = hidden && run.renders.length <= 1;
  if (end !== 'SUCCEEDED' && !(end === 'StartOutcomeUnknown' && mayBeUnknown))
    problems.push(`the same request without faults ends in ${end}`);
  await wait(60);
  problems.push(...(await brokenInvariants(machine, run, end, schedule.faults)));
  machine.happenings.fault = NOTHING_HAPPENS.fault;
  await run.cleanUp();
  for (const execution of run.executions) course.add(`an execution: ${outcomeOf(execution)}`);
  for (const { status } of run.renders) course.add(`a render: ${status}`);
  return { problems: [...new Set(problems)], course: course.lines };
}

async function redriven({ stepFunctions }: FaultMachine, run: JobRun): Promise<void> {
  const [first] = run.executions;
  if (!first || first.status === 'SUCCEEDED' || first.status === 'RUNNING') return;
  stepFunctions.redriveExecution(first.arn);
  await run.ended();
}

const FAILS_BY_SCRIPT = ['RenderFailed', 'RenderTimedOut', 'InvalidRenderRequest', 'RenderNotStarted'];

function undocumented(run: JobRun): string[] {
  const documented = ['SUCCEEDED', 'ABORTED', 'TIMED_OUT', ...Object.keys(WORKFLOW_ERRORS)];
  return run.executions
    .map(outcomeOf)
    .filter((outcome) => !documented.includes(outcome))
    .map((outcome) => `an execution ended in ${outcome}`);
}

function bestOutcome(run: JobRun): string {
  return run.executions.map(outcomeOf).includes('SUCCEEDED') ? 'SUCCEEDED' : '';
}
