import { type IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import { Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { RENDER_REQUESTED } from '../../statemachine/render-event-names.ts';
import { DeadLetterQueue } from '../dead-letter-queue.ts';
import { actingService } from '../grants/acting-service.ts';
import { explainGrants } from '../grants/grant-reasons.ts';

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
  readonly deadLetterQueue: DeadLetterQueue;
  readonly rule: Rule;

  constructor(scope: Construct, id: string, props: RenderRequestTriggerProps) {
    super(scope, id);
    this.deadLetterQueue = new DeadLetterQueue(this, 'DeadLetters', {
      keeps: 'The rule keeps an event here that could not start an execution.',
      ...(props.deadLetterKey && { encryptionKey: props.deadLetterKey }),
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
  }
}
