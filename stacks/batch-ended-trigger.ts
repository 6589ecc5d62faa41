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

export interface BatchEndedTriggerProps {
  readonly stateMachine: StateMachine;
  /** Writes the results of the batch that the event names. */
  readonly summarizeBatch: RenderStep;
  /** Key that the dead-letter queue is encrypted with. @default - a key of SQS */
  readonly deadLetterKey?: IKey;
}

/** Writes the results of a batch that was stopped, has timed out or failed, which no state of its machine can. */
export class BatchEndedTrigger extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { stateMachine, summarizeBatch, deadLetterKey }: BatchEndedTriggerProps,
  ) {
    super(scope, id);
    const deadLetterQueue = new DeadLetterQueue(this, 'DeadLetters', {
      keeps: 'The rule keeps an event here with which SummarizeBatch could not be invoked.',
      ...(deadLetterKey && { encryptionKey: deadLetterKey }),
    });
    const rule = new Rule(this, 'Rule', {
      description: 'Writes the results of a batch that was stopped, has timed out or failed.',
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
    rule.addTarget(new LambdaFunction(summarizeBatch.function, { ...delivery, deadLetterQueue }));
    explainGrants(summarizeBatch.function, {
      actions: ['lambda:InvokeFunction'],
      why: 'The rule has the results of a stopped batch written.',
    });
    summarizeBatch.function.configureAsyncInvoke({
      retryAttempts: 2,
      maxEventAge: Duration.hours(6),
      // The CDK's own SqsDestination grants more than Lambda needs.
      onFailure: { bind: () => ({ destination: deadLetterQueue.queueArn }) },
    });
    grantToRole(
      summarizeBatch.role,
      ...deadLetterQueue.sendGrants('Lambda keeps an event here of which every attempt has failed.'),
    );
  }
}
