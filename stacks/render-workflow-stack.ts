import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { readSettings } from './context-settings.ts';
import { RenderWorkflow } from './render-workflow.ts';

/** The app's stack: a render workflow whose settings come from the CDK context, and what a person needs to use it. */
export class RenderWorkflowStack extends Stack {
  /** Undefined where the context is not complete. */
  readonly workflow: RenderWorkflow | undefined;

  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const settings = readSettings(this);
    this.workflow = settings && new RenderWorkflow(this, 'RenderWorkflow', settings);
    if (this.workflow) this.addOutputs(this.workflow);
  }

  private addOutputs(workflow: RenderWorkflow): void {
    const { stateMachine, eventBus, destinationBucket, steps, renderQueue, renderApi } = workflow;
    const request = { render: { serveUrl: '<site>', composition: '<composition>', codec: 'h264' } };

    new CfnOutput(this, 'StateMachineArn', { value: stateMachine.stateMachineArn });
    new CfnOutput(this, 'EventBusName', { value: eventBus.eventBusName });
    new CfnOutput(this, 'DestinationBucketName', { value: destinationBucket.bucketName });
    new CfnOutput(this, 'CopyToBucketRoleArn', { value: steps.CopyToBucket.role.roleArn });
    if (renderQueue) {
      new CfnOutput(this, 'RenderQueueUrl', { value: renderQueue.queue.queueUrl });
      new CfnOutput(this, 'RenderQueueDeadLettersUrl', { value: renderQueue.deadLetterQueue.queueUrl });
    }
    if (renderApi) new CfnOutput(this, 'RenderApiUrl', { value: renderApi.url });
    new CfnOutput(this, 'StartExecutionCommand', {
      value: `aws stepfunctions start-execution --state-machine-arn ${stateMachine.stateMachineArn} --input '${JSON.stringify(request)}'`,
    });
  }
}
