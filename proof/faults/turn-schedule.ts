import fc from 'fast-check';
import { WORKFLOW_ERRORS } from '../../statemachine/errors.ts';
import type { RenderScript } from '../scripted-remotion/render-script.ts';
import { Course } from './course.ts';
import { type FaultSource, faultsOf, type ObservedCall } from './fault-kind.ts';
import { type FaultMachine, NOTHING_HAPPENS } from './fault-machine.ts';
import { LIMIT } from './fault-machines.ts';
import { type FaultRule, faultsByRule } from './fault-rule.ts';
import { brokenInvariants } from './invariants.ts';
import { JobRun } from './job-run.ts';
import type { ScheduleResult } from './random-schedule.ts';
import { outcomeOf } from './run.ts';
import { FEW_FAILURES } from './run-cell.ts';
import { seededRandom, seedOf } from './seeded-random.ts';
import { readTurnObjects, TurnWatch } from './turn-watch.ts';
import { replaceRandom } from './virtual-time.ts';

/** What happens to jobs that wait for each other. */
export interface TurnSchedule {
  readonly jobs: readonly {
    readonly script: RenderScript;
    readonly priority: 'high' | 'normal' | 'low';
    /** Seconds after which it is asked for. */
    readonly after: number;
    /** Seconds after that after which its execution is stopped. */
    readonly stopAfter: number | null;
    /** Its patience in seconds. */
    readonly startTimeoutInSeconds: number;
  }[];
  readonly faults: readonly FaultRule[];
  /** After how many seconds a deployment changes how many may run at once. */
  readonly deploys: readonly { readonly after: number; readonly limit: number }[];
}

const s3 = (caller: string, ...names: string[]) =>
  names.map((name): ObservedCall => ({ caller, name, way: 's3' }));
const HANDS_OUT = [
  'GetObject register',
  'PutObject register (If-Match)',
  'ListObjectsV2 tickets',
  'GetObject ticket',
  'DeleteObject ticket',
];

/** The calls that have to do with turns. */
const CALLS: readonly ObservedCall[] = [
  ...s3('AwaitTurn', ...HANDS_OUT, 'PutObject register (If-None-Match)', 'PutObject ticket'),
  ...s3('StartRender', 'GetObject register', 'PutObject register (If-Match)'),
  ...s3('GetRenderProgress', ...HANDS_OUT),
  ...s3('CancelRender', ...HANDS_OUT),
  ...s3('SweepRenders', ...HANDS_OUT, 'PutObject last sweep (If-Match)'),
  ...['AwaitTurn', 'GetRenderProgress', 'CancelRender', 'SweepRenders'].map(
    (caller): ObservedCall => ({ caller, name: 'SendTaskSuccess', way: 'states' }),
  ),
  ...['SendTaskFailure', 'ListExecutions', 'DescribeExecution'].map(
    (name): ObservedCall => ({ caller: 'SweepRenders', name, way: 'states' }),
  ),
  ...['AwaitTurn', 'StartRender', 'GetRenderProgress', 'CancelRender'].map(
    (name): ObservedCall => ({ caller: 'Step Functions', name, way: 'invocation' }),
  ),
  ...['CancelRender', 'SweepRenders'].map(
    (name): ObservedCall => ({ caller: 'EventBridge', name, way: 'delivery' }),
  ),
];

const SCRIPTS: readonly RenderScript[] = [
  { seconds: 20 },
  { failAtPercent: 40 },
  { throttledAtPercent: 40 },
  { seconds: 20, finishesAfterCancel: true },
  { liesAboutTimeout: true },
  { hang: 'at-99' },
];

/** Schedules of three to six jobs with up to four faults, stops, impatient requests and deployments of another limit. */
export function turnSchedules(): fc.Arbitrary<TurnSchedule> {
  const faults = CALLS.flatMap((call) => faultsOf(call).map((kind) => ({ ...call, kind })));
  const fault = fc
    .record({
      fault: fc.constantFrom(...faults),
      nth: fc.constantFrom<FaultRule['nth']>(1, 1, 2, 2, 3, 4, 5, 'every'),
    })
    .filter(
      ({ fault: { kind }, nth }) => nth !== 'every' || !['repeated', 'stopped', 'late-effect'].includes(kind),
    )
    .map(({ fault: { caller, name, kind }, nth }) => ({ caller, name, kind, nth }));
  const job = fc.record({
    script: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, fc.constantFrom(...SCRIPTS)),
    priority: fc.constantFrom('high' as const, 'normal' as const, 'low' as const),
    after: fc.integer({ min: 0, max: 20 }),
    stopAfter: fc.option(fc.integer({ min: 0, max: 60 }), { freq: 3 }),
    startTimeoutInSeconds: fc.constantFrom(20, 600, 86_400),
  });
  return fc.record({
    jobs: fc.array(job, { minLength: 3, maxLength: 6 }),
    faults: fc.array(fault, { maxLength: 4 }),
    deploys: fc.oneof(
      { weight: 2, arbitrary: fc.constant([]) },
      fc.array(fc.record({ after: fc.integer({ min: 0, max: 120 }), limit: fc.constantFrom(1, 2, 3) }), {
        minLength: 1,
        maxLength: 2,
      }),
    ),
  });
}

/** Minutes after which every job has ended: a wait, a hanging render, late calls. */
const MINUTES = 60;

/** Runs the jobs with a sweep every minute; then nothing may be left. */
export async function runTurnSchedule(
  machine: FaultMachine,
  name: string,
  schedule: TurnSchedule,
): Promise<ScheduleResult> {
  const { clock } = machine.time;
  await clock.sleep(60_000 - (clock.now() % 60_000));
  machine.retireFunctions(schedule.faults.some(({ nth }) => nth === 'every') ? 0 : FEW_FAILURES);
  const course = new Course(clock);
  const random = seededRandom(seedOf(JSON.stringify(schedule)));
  replaceRandom(random);
  const problems = new Set<string>();
  const runs = schedule.jobs.map(
    ({ script, priority, startTimeoutInSeconds }, i) =>
      new JobRun(machine, `${name}-${i}`, { name, scripts: [script, {}], priority, startTimeoutInSeconds }),
  );
  const watch = new TurnWatch(machine, runs, LIMIT);
  const watching = (next: FaultSource) => (call: ObservedCall) => {
    watch.see(call);
    return next(call);
  };
  const first = () => runs[0]?.executions[0];
  Object.assign(machine.happenings, {
    fault: watching(course.observing(faultsByRule(schedule.faults))),
    latency: () => 1 + Math.floor(random() * 200),
    stopExecution: () => first()?.stop('Stopped', 'By the fault run'),
    repeatRequest: () => void runs[0]?.startAgain(),
    takeDestination: async () => {},
  });
  const deploy = (limit: number) => {
    machine.setEnvironment('MAX_CONCURRENT_RENDERS', String(limit));
    watch.limitIs(limit);
  };
  await Promise.all([
    ...schedule.deploys.map(({ after, limit }) => clock.sleep(after * 1000).then(() => deploy(limit))),
    ...schedule.jobs.map(async ({ after, stopAfter }, i) => {
      await clock.sleep(after * 1000);
      const execution = runs[i]?.startAgain();
      if (stopAfter === null) return;
      await clock.sleep(stopAfter * 1000);
      execution?.stop('Stopped', 'By the schedule');
    }),
  ]);
  const isOver = () => runs.every(({ executions }) => executions.every(({ status }) => status !== 'RUNNING'));
  for (let minute = 0; minute < MINUTES || (!isOver() && minute < 2 * MINUTES); minute += 1) {
    if (minute === MINUTES / 2) machine.happenings.fault = watching(course.observing(() => undefined));
    if (minute > 4 && isOver() && !isLeft(runs) && minute < MINUTES / 2) minute = MINUTES / 2 - 1;
    machine.runSchedules();
    await clock.sleep(60_000);
    if (minute > MINUTES / 2 + 3 && isOver() && !isLeft(runs)) break;
  }
  for (const each of await watch.problems(slackOf(schedule.faults))) problems.add(each);
  if (!isOver()) problems.add('an execution waits for ever');
  problemsOf(runs, schedule).forEach((each) => void problems.add(each));
  for (const run of runs)
    for (const each of await brokenInvariants(machine, run, '', schedule.faults)) problems.add(each);
  for (const each of await leftBehind(machine)) problems.add(each);
  Object.assign(machine.happenings, NOTHING_HAPPENS);
  if (schedule.deploys.length > 0) machine.setEnvironment('MAX_CONCURRENT_RENDERS', String(LIMIT));
  for (const run of runs) {
    for (const execution of run.executions) {
      course.add(`an execution: ${outcomeOf(execution)}`);
      if (execution.status === 'RUNNING') execution.stop();
    }
    for (const { status } of run.renders) course.add(`a render: ${status}`);
    await run.cleanUp();
  }
  return { problems: [...problems], course: course.lines };
}

/**
 * By how many seconds a turn may be late, after these faults, that another has had meanwhile: while requests are tried
 * again; and where an AwaitTurn has died before it put its ticket before those that the register knows, until the sweep.
 */
function slackOf(faults: readonly FaultRule[]): number {
  const has = (step: string) => faults.some(({ caller, name }) => [caller, name].includes(step));
  if (!has('AwaitTurn')) return 5;
  return has('SweepRenders') ? Number.POSITIVE_INFINITY : 150;
}

function isLeft(runs: readonly JobRun[]): boolean {
  return runs.some(({ isRendering }) => isRendering);
}

function problemsOf(runs: readonly JobRun[], { faults }: TurnSchedule): string[] {
  const documented = ['SUCCEEDED', 'ABORTED', 'TIMED_OUT', ...Object.keys(WORKFLOW_ERRORS)];
  const undocumented = runs
    .flatMap(({ executions }) => executions.map(outcomeOf))
    .filter((outcome) => !documented.includes(outcome))
    .map((outcome) => `an execution ended in ${outcome}`);
  if (runs.some(({ isRendering }) => isRendering)) undocumented.push('a render runs on');
  const unpunished = runs.some(({ executions }) =>
    executions.some((each) => outcomeOf(each) === 'RenderNotStarted'),
  );
  if (faults.length === 0 && unpunished) undocumented.push('a render was not started without a fault');
  return undocumented;
}

/** What no execution has any more, and is there all the same. */
async function leftBehind(machine: FaultMachine): Promise<string[]> {
  const { places, line } = await readTurnObjects(machine);
  return [
    ...(line.length > 0 ? [`${line.length} tickets are left`] : []),
    ...(places.length > 0 ? [`${places.length} places are left`] : []),
  ];
}
