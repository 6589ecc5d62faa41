import type { FunctionHost } from '../lambda/function-host.ts';
import { readFunctionName } from '../lambda/function-name.ts';
import type { StepFunctions } from '../stepfunctions/step-functions.ts';
import { actionOf, type Delivery } from './event-delivery.ts';

/**
 * Calls the target of a rule: starts an execution named by the event, or invokes a function asynchronously.
 * The call it gives throws the service's AwsError.
 */
export function callTarget(
  stepFunctions: Pick<StepFunctions, 'startExecution'>,
  functions: Pick<FunctionHost, 'invokeEvent'>,
): (delivery: Delivery) => Promise<void> {
  return async ({ target, input, event }) => {
    if (actionOf(target.arn) === 'lambda:InvokeFunction')
      functions.invokeEvent({ functionName: readFunctionName(target.arn), payload: input });
    else stepFunctions.startExecution({ stateMachineArn: target.arn, name: event.id, input });
  };
}
