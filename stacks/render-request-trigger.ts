import { type IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { DeadLetterQueue } from './dead-letter-queue.ts';

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
}

/** Starts an execution for every `Render Requested` event. */
export class RenderRequestTrigger extends Construct {
  /** Events that could not start an execution, for example because they were too large. */
  readonly deadLetterQueue: DeadLetterQueue;
  readonly rule: Rule;

  constructor(scope: Construct, id: string, props: RenderRequestTriggerProps) {
    super(scope, id);
    this.deadLetterQueue = new DeadLetterQueue(this, 'DeadLetters');
    this.rule = new Rule(this, 'Rule', {
      eventBus: props.eventBus,
      description: 'Starts the render workflow for every event that asks for a render.',
      eventPattern: {
        detailType: [RENDER_REQUESTED],
        ...(props.sources && { source: [...props.sources] }),
      },
    });
    this.rule.addTarget(
      new SfnStateMachine(props.stateMachine, {
        role: new Role(this, 'Role', {
          assumedBy: new ServicePrincipal('events.amazonaws.com'),
          description: 'Starts executions of the render workflow.',
        }),
        deadLetterQueue: this.deadLetterQueue,
        retryAttempts: 24,
        maxEventAge: Duration.hours(6),
      }),
    );
  }
}
