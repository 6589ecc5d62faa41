import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { CfnOutput, Duration, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { RENDER_EVENT_SOURCE } from '../../statemachine/contract.ts';

/** A queue with what becomes of every render, for a service of yours to read. */
export class RenderEventsConsumerStack extends Stack {
  /** @param eventBusName the output `EventBusName` of the render workflow's stack */
  constructor(scope: Construct, id: string, eventBusName: string) {
    super(scope, id);
    const deadLetterQueue = new Queue(this, 'DeadLetters', {
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    const queue = new Queue(this, 'RenderEvents', {
      enforceSSL: true,
      deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: 5 },
    });
    const rule = new Rule(this, 'Rule', {
      eventBus: EventBus.fromEventBusName(this, 'EventBus', eventBusName),
      eventPattern: { source: [RENDER_EVENT_SOURCE] },
      // The CDK's own SqsQueue grants more than EventBridge needs.
      targets: [{ bind: () => ({ arn: queue.queueArn }) }],
    });
    queue.addToResourcePolicy(
      new PolicyStatement({
        actions: ['sqs:SendMessage'],
        resources: [queue.queueArn],
        principals: [new ServicePrincipal('events.amazonaws.com')],
        conditions: { ArnEquals: { 'aws:SourceArn': rule.ruleArn } },
      }),
    );
    new CfnOutput(this, 'RenderEventsQueueUrl', { value: queue.queueUrl });
  }
}
