import { Rule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { RenderWorkflowProps } from '../../stacks/render-workflow.ts';
import { RenderWorkflowStack } from '../../stacks/render-workflow-stack.ts';
import { RENDER_EVENT_SOURCE } from '../../statemachine/contract.ts';
import { VERIFICATION_STACK } from './verification-context.ts';

/**
 * The app's stack, and a queue that is told what becomes of its renders. With the context value `encrypted` the state
 * machine has a key of the customer's.
 */
export class VerificationStack extends RenderWorkflowStack {
  constructor(scope: Construct) {
    super(scope, VERIFICATION_STACK, { description: 'Tries remotion-step-functions, and is removed again.' });
    if (this.workflow) this.addListener(this.workflow.eventBus);
  }

  protected override furtherProps(): Partial<RenderWorkflowProps> {
    if (this.node.tryGetContext('encrypted') !== 'true') return {};
    const stateMachine = new Key(this, 'Key', {
      enableKeyRotation: true,
      pendingWindow: Duration.days(7),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return { encryptionKeys: { stateMachine } };
  }

  private addListener(eventBus: NonNullable<RenderWorkflowStack['workflow']>['eventBus']): void {
    const queue = new Queue(this, 'Told', { enforceSSL: true, retentionPeriod: Duration.hours(2) });
    const rule = new Rule(this, 'Listener', {
      eventBus,
      eventPattern: { source: [RENDER_EVENT_SOURCE] },
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
    new CfnOutput(this, 'ToldQueueUrl', { value: queue.queueUrl });
  }
}
