import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Policy, type Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Aws, Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import { explainGrants } from './grants/grant-reasons.ts';
import { acknowledgeWildcards, grantToRole, type StepGrant, toPolicyStatement } from './grants/step-grant.ts';
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
    this.grantDescribe(cancelRender.role, stateMachine, stateMachineKey);
  }

  /** Apart from the role's own policies, for which its function, and so the machine, would wait. */
  private grantDescribe(role: Role, stateMachine: StateMachine, key: IKey | undefined): void {
    const grants: StepGrant[] = [
      {
        sid: 'DescribeExecution',
        why: 'The input of an execution of this state machine is asked for where neither the event nor the machine hands it on; which execution, the event says.',
        actions: ['states:DescribeExecution'],
        resources: [
          `arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:execution:${stateMachine.stateMachineName}:*`,
        ],
      },
    ];
    if (key)
      grants.push({
        sid: 'DecryptExecution',
        why: 'The executions are encrypted with this key.',
        actions: ['kms:Decrypt'],
        resources: [key.keyArn],
        conditions: {
          StringEquals: {
            'kms:EncryptionContext:aws:states:stateMachineArn': stateMachine.stateMachineArn,
          },
        },
      });
    const policy = new Policy(this, 'DescribeExecution', {
      statements: grants.map(toPolicyStatement),
      roles: [role],
    });
    for (const grant of grants) acknowledgeWildcards(policy, grant);
    explainGrants(role, ...grants);
  }
}
