import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import { explainGrants } from './grants/grant-reasons.ts';
import { grantToRole } from './grants/step-grant.ts';
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
export class StoppedExecutionTrigger extends Construct {
  /** Executions whose render could not be cancelled. */
  readonly deadLetterQueue: DeadLetterQueue;
  readonly rule: Rule;

  constructor(
    scope: Construct,
    id: string,
    { stateMachine, cancelRender, stateMachineKey, deadLetterKey }: StoppedExecutionTriggerProps,
  ) {
    super(scope, id);
    this.deadLetterQueue = new DeadLetterQueue(this, 'DeadLetters', {
      keeps: 'The rule keeps an event here with which CancelRender could not be invoked.',
      ...(deadLetterKey && { encryptionKey: deadLetterKey }),
    });
    this.rule = new Rule(this, 'Rule', {
      description: 'Cancels the render of an execution that was stopped, has timed out or failed.',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          stateMachineArn: [stateMachine.stateMachineArn],
          status: ['ABORTED', 'TIMED_OUT', 'FAILED'],
        },
      },
    });
    const delivery = { retryAttempts: 24, maxEventAge: Duration.hours(6) };
    this.rule.addTarget(
      new LambdaFunction(cancelRender.function, { ...delivery, deadLetterQueue: this.deadLetterQueue }),
    );
    explainGrants(cancelRender.function, {
      actions: ['lambda:InvokeFunction'],
      why: 'The rule has the render of a stopped execution cancelled.',
    });
    cancelRender.function.configureAsyncInvoke({
      retryAttempts: 2,
      maxEventAge: Duration.hours(6),
      // The CDK's own SqsDestination grants more than Lambda needs.
      onFailure: { bind: () => ({ destination: this.deadLetterQueue.queueArn }) },
    });
    const keepFailures = this.deadLetterQueue.sendGrants(
      'Lambda keeps an event here of which every attempt to cancel has failed.',
    );
    grantToRole(cancelRender.role, ...keepFailures);
    const why =
      'The input of an execution of this state machine is asked for where neither the event nor the machine hands it on; which execution, the event says.';
    const describe = describeGrants(stateMachine, stateMachineKey, why);
    grantApart(this, 'DescribeExecution', cancelRender.role, describe);
  }
}
