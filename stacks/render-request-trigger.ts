import { type IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import { Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Duration, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { actingService } from './acting-service.ts';
import { allowRules } from './encryption-keys.ts';
import { explainGrants } from './grant-reasons.ts';

/** The `detail-type` of an event that asks for a render; its `detail` is the request. */
export const RENDER_REQUESTED = 'Render Requested';

export interface RenderRequestTriggerProps {
  readonly eventBus: IEventBus;
  readonly stateMachine: IStateMachine;
  /**
   * Accepted values of an event's `source`.
   * @default - every source
   */
  readonly sources?: readonly string[];
  /** Key that the dead-letter queue is encrypted with. @default - a key of SQS */
  readonly deadLetterKey?: IKey;
}

/** Starts an execution for every `Render Requested` event. */
export class RenderRequestTrigger extends Construct {
  /** Events that could not start an execution, for example because they were too large. */
  readonly deadLetterQueue: Queue;
  readonly rule: Rule;

  constructor(scope: Construct, id: string, props: RenderRequestTriggerProps) {
    super(scope, id);
    this.deadLetterQueue = new Queue(this, 'DeadLetters', {
      ...(props.deadLetterKey
        ? { encryption: QueueEncryption.KMS, encryptionMasterKey: props.deadLetterKey }
        : { encryption: QueueEncryption.SQS_MANAGED }),
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(this.deadLetterQueue).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'This queue is a dead-letter queue.',
    });
    this.rule = new Rule(this, 'Rule', {
      eventBus: props.eventBus,
      description: 'Starts the render workflow for every event that asks for a render.',
      eventPattern: {
        detailType: [RENDER_REQUESTED],
        ...(props.sources && { source: [...props.sources] }),
      },
    });
    const role = new Role(this, 'Role', {
      assumedBy: actingService('events', 'rule/*'),
      description: 'Starts executions of the render workflow.',
    });
    this.rule.addTarget(
      new SfnStateMachine(props.stateMachine, {
        role,
        deadLetterQueue: this.deadLetterQueue,
        retryAttempts: 24,
        maxEventAge: Duration.hours(6),
      }),
    );
    explainGrants(role, {
      actions: ['states:StartExecution'],
      why: 'The rule starts an execution for every event that asks for a render.',
    });
    explainGrants(
      this.deadLetterQueue,
      {
        actions: ['sqs:SendMessage'],
        why: 'The rule keeps an event here that could not start an execution.',
      },
      { actions: ['sqs:*'], why: 'Nobody reaches the queue without TLS.' },
    );
    if (props.deadLetterKey) allowRules(props.deadLetterKey);
  }
}
