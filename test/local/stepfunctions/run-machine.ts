import { VirtualClock } from '../../../local/clock.ts';
import type { EngineOptions, Execution } from '../../../local/stepfunctions/execution.ts';
import type { Json } from '../../../local/stepfunctions/json.ts';
import { StepFunctions } from '../../../local/stepfunctions/step-functions.ts';
import type { LambdaInvocation } from '../../../local/stepfunctions/task-services.ts';

export const ROLE_ARN = 'arn:aws:iam::123456789012:role/machine';

/** A JSONata definition as text. */
export function jsonataMachine(startAt: string, states: object, rest: object = {}): string {
  return JSON.stringify({ QueryLanguage: 'JSONata', StartAt: startAt, States: states, ...rest });
}

/** A task that calls the function `work` with the payload and gives what it returns. */
export function workTask(rest: object = {}, payload: Json = {}): object {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: 'work', Payload: payload },
    Output: '{% $states.result.Payload %}',
    End: true,
    ...rest,
  };
}

/** Step Functions on a virtual clock; `work` answers every Lambda call. */
export function virtualStepFunctions(
  work: (invocation: LambdaInvocation) => Promise<Json> = async () => null,
  options: Partial<EngineOptions> = {},
) {
  const clock = new VirtualClock();
  const services: EngineOptions['services'] = {
    invokeLambda: async (invocation) => ({
      payload: await work(invocation),
      statusCode: 200,
      requestId: 'r',
    }),
    ...options.services,
  };
  return { clock, stepFunctions: new StepFunctions({ clock, ...options, services }) };
}

/** Starts an execution of a machine of its own. */
export function start(stepFunctions: StepFunctions, definition: string, input: Json = {}): Execution {
  const { arn } = stepFunctions.addStateMachine({ name: 'machine', definition, roleArn: ROLE_ARN });
  return stepFunctions.startExecution({ stateMachineArn: arn, input: JSON.stringify(input) });
}

/** Runs one to its end. */
export async function runToEnd(
  stepFunctions: StepFunctions,
  definition: string,
  input: Json = {},
): Promise<Execution> {
  const execution = start(stepFunctions, definition, input);
  await execution.ended;
  return execution;
}

export function eventTypes(execution: Execution): string[] {
  return execution.events.map(({ type }) => type);
}
