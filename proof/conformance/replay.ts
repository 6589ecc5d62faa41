import type { Clock } from '../../local/aws.ts';
import { VirtualClock } from '../../local/clock.ts';
import type { Execution } from '../../local/stepfunctions/execution.ts';
import { UnsupportedDefinition } from '../../local/stepfunctions/load-definition.ts';
import { StepFunctions } from '../../local/stepfunctions/step-functions.ts';
import { compare, type Difference } from './compare.ts';
import { compareEvents } from './compare-events.ts';
import { placeholdersOf, type RecordedCase } from './recorded-case.ts';
import { scriptedLambda } from './scripted-lambda.ts';

export type ReplayResult =
  | { readonly outcome: 'passed' }
  | { readonly outcome: 'failed'; readonly difference: Difference }
  | { readonly outcome: 'refused'; readonly reason: string };

/** Runs a recorded execution through the engine, in virtual time with the recorded replies, and compares. */
export async function replay(recorded: RecordedCase): Promise<ReplayResult> {
  const clock = new VirtualClock();
  const startedAt = clock.now();
  let execution: Execution;
  try {
    execution = await execute(recorded, clock);
  } catch (error) {
    if (!(error instanceof UnsupportedDefinition)) throw error;
    return { outcome: 'refused', reason: error.message };
  }
  const difference = firstDifference(recorded, execution, (clock.now() - startedAt) / 1000);
  return difference ? { outcome: 'failed', difference } : { outcome: 'passed' };
}

function firstDifference(
  recorded: RecordedCase,
  execution: Execution,
  elapsedSeconds: number,
): Difference | undefined {
  const { events, missingEvents = 0, status, output, error, cause } = recorded.expected;
  const placeholders = placeholdersOf(recorded);
  const { outputText } = execution;
  const end = {
    status: execution.status,
    output: outputText === undefined ? null : JSON.parse(outputText),
    error: execution.error ?? null,
    cause: execution.cause ?? null,
    elapsedSeconds: recorded.elapsedSeconds === undefined ? undefined : elapsedSeconds,
  };
  const expected = { status, output, error, cause, elapsedSeconds: recorded.elapsedSeconds };
  return (
    (events && compareEvents(events, execution.events, missingEvents, placeholders)) ??
    compare(expected, end, placeholders)
  );
}

async function execute(recorded: RecordedCase, clock: Clock): Promise<Execution> {
  const services = {
    invokeLambda: scriptedLambda(recorded, clock),
    async putEvents(): Promise<never> {
      throw new Error('a recorded case has replies of Lambda only');
    },
  };
  const stepFunctions = new StepFunctions({ clock, services });
  const { arn } = stepFunctions.addStateMachine({
    name: 'replayed',
    definition: JSON.stringify(recorded.definition),
    roleArn: 'arn:aws:iam::123456789012:role/replayed',
  });
  const execution = stepFunctions.startExecution({
    stateMachineArn: arn,
    name: 'replay',
    input: JSON.stringify(recorded.input),
  });
  await execution.ended;
  return execution;
}
