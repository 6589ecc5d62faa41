import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { EndedExecutionTrigger } from './ended-execution-trigger.ts';
import { describeGrants, grantApart } from './grants/turn-grants.ts';
import type { RenderStep } from './render-step.ts';

export interface StoppedExecutionTriggerProps {
  readonly stateMachine: StateMachine;
  /** Cancels the render of the execution that the event names. */
  readonly cancelRender: RenderStep;
  /** Key that the executions are encrypted with. @default - a key of Step Functions */
  readonly stateMachineKey?: IKey;
  /** Key that the dead-letter queue is encrypted with. @default - a key of SQS */
  readonly deadLetterKey?: IKey;
}

/**
 * Cancels the render of an execution that was stopped or has timed out, which no Catch of the machine sees, or
 * that failed, in case its own failure path could not cancel it.
 */
export class StoppedExecutionTrigger extends EndedExecutionTrigger {
  constructor(
    scope: Construct,
    id: string,
    { stateMachine, cancelRender, stateMachineKey, deadLetterKey }: StoppedExecutionTriggerProps,
  ) {
    super(scope, id, {
      stateMachine,
      step: cancelRender,
      description: 'Cancels the render of an execution that was stopped, has timed out or failed.',
      why: 'The rule has the render of a stopped execution cancelled.',
      keeps: 'The rule keeps an event here with which CancelRender could not be invoked.',
      whyKept: 'Lambda keeps an event here of which every attempt to cancel has failed.',
      deadLetterKey,
    });
    const why =
      'The input of an execution of this state machine is asked for where neither the event nor the machine hands it on; which execution, the event says.';
    const describe = describeGrants(stateMachine, stateMachineKey, why);
    grantApart(this, 'DescribeExecution', cancelRender.role, describe);
  }
}
