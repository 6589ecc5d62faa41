import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import { explainGrants } from './grants/grant-reasons.ts';
import { grantToRole } from './grants/step-grant.ts';
import type { RenderStep } from './render-step.ts';

export interface EndedExecutionTriggerProps {
  readonly stateMachine: StateMachine;
  /** Gets the event of each such execution. */
  readonly step: RenderStep;
  /** What the rule does. */
  readonly description: string;
  /** Why the rule may invoke the function. */
  readonly why: string;
  /** What the dead-letter queue keeps. */
  readonly keeps: string;
  /** Why the function may send to the dead-letter queue. */
  readonly whyKept: string;
  /** Key that the dead-letter queue is encrypted with. @default - a key of SQS */
  readonly deadLetterKey?: IKey | undefined;
}

/** Invokes a function for each execution that was stopped, has timed out or failed, and keeps the events that it could not be given. */
export class EndedExecutionTrigger extends Construct {
  /** Events of executions for which every attempt has failed. */
  readonly deadLetterQueue: DeadLetterQueue;
  readonly rule: Rule;

  constructor(scope: Construct, id: string, props: EndedExecutionTriggerProps) {
    super(scope, id);
    const { stateMachine, step, description, why, keeps, whyKept, deadLetterKey } = props;
    this.deadLetterQueue = new DeadLetterQueue(this, 'DeadLetters', {
      keeps,
      ...(deadLetterKey && { encryptionKey: deadLetterKey }),
    });
    this.rule = new Rule(this, 'Rule', {
      description,
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
      new LambdaFunction(step.function, { ...delivery, deadLetterQueue: this.deadLetterQueue }),
    );
    explainGrants(step.function, { actions: ['lambda:InvokeFunction'], why });
    step.function.configureAsyncInvoke({
      retryAttempts: 2,
      maxEventAge: Duration.hours(6),
      // The CDK's own SqsDestination grants more than Lambda needs.
      onFailure: { bind: () => ({ destination: this.deadLetterQueue.queueArn }) },
    });
    grantToRole(step.role, ...this.deadLetterQueue.sendGrants(whyKept));
  }
}
