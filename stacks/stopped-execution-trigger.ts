import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Function as LambdaFunctionConstruct } from 'aws-cdk-lib/aws-lambda';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { DeadLetterQueue } from './dead-letter-queue.ts';

export interface StoppedExecutionTriggerProps {
  readonly stateMachine: IStateMachine;
  /** Cancels the render of the execution that the event names. */
  readonly cancelRender: LambdaFunctionConstruct;
}

/**
 * Cancels the render of an execution that was stopped or has timed out, which no Catch of the machine sees, or
 * that failed, in case its own failure path could not cancel it.
 */
export class StoppedExecutionTrigger extends Construct {
  /** Executions whose render could not be cancelled. */
  readonly deadLetterQueue: DeadLetterQueue;
  readonly rule: Rule;

  constructor(scope: Construct, id: string, { stateMachine, cancelRender }: StoppedExecutionTriggerProps) {
    super(scope, id);
    this.deadLetterQueue = new DeadLetterQueue(this, 'DeadLetters');
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
      new LambdaFunction(cancelRender, { ...delivery, deadLetterQueue: this.deadLetterQueue }),
    );
    cancelRender.configureAsyncInvoke({
      retryAttempts: 2,
      maxEventAge: Duration.hours(6),
      // The CDK's own SqsDestination grants more than Lambda needs.
      onFailure: { bind: () => ({ destination: this.deadLetterQueue.queueArn }) },
    });
    this.deadLetterQueue.grant(cancelRender, 'sqs:SendMessage');
  }
}
