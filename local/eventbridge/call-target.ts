import type { FunctionHost } from '../lambda/function-host.ts';
import { readFunctionName } from '../lambda/function-name.ts';
import type { SqsService } from '../sqs/sqs-service.ts';
import type { StepFunctions } from '../stepfunctions/step-functions.ts';
import { actionOf, type Delivery } from './event-delivery.ts';

/**
 * Calls the target of a rule: starts an execution named by the event, invokes a function asynchronously, or sends
 * a message to a queue.
 * The call it gives throws the service's AwsError.
 */
export function callTarget(
  stepFunctions: Pick<StepFunctions, 'startExecution'>,
  functions: Pick<FunctionHost, 'invokeEvent'>,
  sqs: Pick<SqsService, 'sendMessage'>,
): (delivery: Delivery) => Promise<void> {
  return async ({ target, input, event }) => {
    const action = actionOf(target.arn);
    if (action === 'lambda:InvokeFunction')
      functions.invokeEvent({ functionName: readFunctionName(target.arn), payload: input });
    else if (action === 'sqs:SendMessage') await sqs.sendMessage(target.arn, input, {});
    else stepFunctions.startExecution({ stateMachineArn: target.arn, name: event.id, input });
  };
}
