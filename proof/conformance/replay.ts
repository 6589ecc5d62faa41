import { VirtualClock } from '../../local/clock.ts';
import type { Execution } from '../../local/stepfunctions/execution.ts';
import { UnsupportedDefinition } from '../../local/stepfunctions/load-definition.ts';
import { StepFunctionsService } from '../../local/stepfunctions/service.ts';
import { StepFunctions } from '../../local/stepfunctions/step-functions.ts';
import { stepFunctionsAs } from '../../local/stepfunctions/step-functions-as.ts';
import { compare, type Difference } from './compare.ts';
import { compareEvents } from './compare-events.ts';
import { compareCalls, compareChildren, compareObjects } from './compare-map-run.ts';
import { type MemoryBuckets, memoryBuckets } from './memory-buckets.ts';
import { placeholdersOf, type RecordedCase, type RecordedEvent } from './recorded-case.ts';
import { readCause, withReadCauses } from './recorded-cause.ts';
import { scriptedLambda } from './scripted-lambda.ts';

export type ReplayResult =
  | { readonly outcome: 'passed' }
  | { readonly outcome: 'failed'; readonly difference: Difference }
  | { readonly outcome: 'refused'; readonly reason: string };

/** A replay that has ended, and the world it ran in. */
interface Replayed {
  readonly execution: Execution;
  readonly stepFunctions: StepFunctions;
  readonly service: StepFunctionsService;
  readonly buckets: MemoryBuckets;
  readonly elapsedSeconds: number;
}

const ROLE_ARN = 'arn:aws:iam::123456789012:role/replayed';

/** Whatever the recorded role may do. */
const everythingAllowed = {
  assumeRole: () => ({ kind: 'administrator' }) as const,
  authorize() {},
};

/** Runs a recorded execution through the engine, in virtual time with the recorded replies, and compares. */
export async function replay(recorded: RecordedCase): Promise<ReplayResult> {
  let replayed: Replayed;
  try {
    replayed = await execute(recorded);
  } catch (error) {
    if (!(error instanceof UnsupportedDefinition)) throw error;
    return { outcome: 'refused', reason: error.message };
  }
  const difference = await firstDifference(recorded, replayed);
  return difference ? { outcome: 'failed', difference } : { outcome: 'passed' };
}

async function firstDifference(recorded: RecordedCase, replayed: Replayed): Promise<Difference | undefined> {
  const { expected } = recorded;
  const { execution, stepFunctions, service, buckets } = replayed;
  const placeholders = placeholdersOf(recorded);
  const arns = { execution: execution.arn, mapRun: stepFunctions.mapRuns.of(execution.arn)[0]?.arn };
  return (
    historyDifference(recorded, execution) ??
    endDifference(recorded, replayed) ??
    (expected.children && compareChildren(expected.children, stepFunctions, execution, placeholders)) ??
    (expected.s3 && compareObjects(expected.s3, buckets.texts, placeholders)) ??
    (expected.api && (await compareCalls(expected.api, service, arns, placeholders)))
  );
}

function historyDifference(recorded: RecordedCase, { events }: Execution): Difference | undefined {
  const { expected } = recorded;
  if (!expected.events) return undefined;
  const { missingEvents = 0, ignoreInCause = [] } = expected;
  return compareEvents(
    withReadCauses(eventsOfToday(recorded), ignoreInCause),
    withReadCauses(events, ignoreInCause),
    missingEvents,
    placeholdersOf(recorded),
  );
}

function endDifference(
  recorded: RecordedCase,
  { execution, elapsedSeconds }: Replayed,
): Difference | undefined {
  const { status, output, error, cause, ignoreInCause = [] } = recorded.expected;
  const { outputText } = execution;
  const end = {
    status: execution.status,
    ...(output !== undefined && { output: outputText === undefined ? null : JSON.parse(outputText) }),
    ...(error !== undefined && { error: execution.error ?? null }),
    ...(cause !== undefined && { cause: readCause(execution.cause ?? null, ignoreInCause) }),
    elapsedSeconds: recorded.elapsedSeconds === undefined ? undefined : elapsedSeconds,
  };
  const expected = {
    status,
    ...(output !== undefined && { output }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause: readCause(cause, ignoreInCause) }),
    elapsedSeconds: recorded.elapsedSeconds,
  };
  return compare(expected, end, placeholdersOf(recorded));
}

/** The recorded events, with what AWS answers differently today. */
function eventsOfToday({ expected }: RecordedCase): RecordedEvent[] {
  const events = structuredClone(expected.events ?? []) as RecordedEvent[];
  for (const { path, nowSeen } of expected.superseded ?? []) {
    const [, id, ...keys] = path.split('/');
    const last = keys.pop() ?? '';
    let part: unknown = events.find((event) => event.id === Number(id));
    for (const key of keys) part = (part as Record<string, unknown> | undefined)?.[key];
    if (!part) throw new Error(`superseded: there is nothing at ${path}`);
    Object.assign(part, { [last]: nowSeen });
  }
  return events;
}

async function execute(recorded: RecordedCase): Promise<Replayed> {
  const clock = new VirtualClock();
  const startedAt = clock.now();
  const buckets = memoryBuckets(recorded.s3);
  const stepFunctions: StepFunctions = new StepFunctions({
    clock,
    services: {
      invokeLambda: scriptedLambda(recorded, clock),
      callStepFunctions: stepFunctionsAs(everythingAllowed, () => service),
      getObject: buckets.getObject,
      putObject: buckets.putObject,
    },
  });
  const service = new StepFunctionsService(stepFunctions);
  for (const { name, definition } of recorded.machines ?? []) {
    stepFunctions.addStateMachine({ name, definition: JSON.stringify(definition), roleArn: ROLE_ARN });
  }
  const { arn } = stepFunctions.addStateMachine({
    name: 'replayed',
    definition: JSON.stringify(recorded.definition),
    roleArn: ROLE_ARN,
  });
  const execution = stepFunctions.startExecution({
    stateMachineArn: arn,
    name: 'replay',
    input: JSON.stringify(recorded.input),
  });
  await execution.ended;
  const elapsedSeconds = (clock.now() - startedAt) / 1000;
  return { execution, stepFunctions, service, buckets, elapsedSeconds };
}
