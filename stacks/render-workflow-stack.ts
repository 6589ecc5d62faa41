import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { readSettings } from './context-settings.ts';
import { RenderWorkflow, type RenderWorkflowProps } from './render-workflow.ts';

/** The app's stack: a render workflow whose settings come from the CDK context, and what a person needs to use it. */
export class RenderWorkflowStack extends Stack {
  /** Undefined where the context is not complete. */
  readonly workflow: RenderWorkflow | undefined;

  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const settings = readSettings(this);
    this.workflow =
      settings && new RenderWorkflow(this, 'RenderWorkflow', { ...settings, ...this.furtherProps() });
    if (settings && this.workflow) this.addOutputs(this.workflow, settings);
  }

  /** Props of the workflow that no context value has. */
  protected furtherProps(): Partial<RenderWorkflowProps> {
    return {};
  }

  private addOutputs(workflow: RenderWorkflow, { renderer, defaultServeUrl }: RenderWorkflowProps): void {
    const { stateMachine, eventBus, destinationBucket, steps, renderQueue, renderApi, renderBatch } =
      workflow;
    const hasSite = renderer || defaultServeUrl;
    const render = { ...(!hasSite && { serveUrl: '<site>' }), composition: '<composition>', codec: 'h264' };
    const request = { render };

    new CfnOutput(this, 'StateMachineArn', { value: stateMachine.stateMachineArn });
    new CfnOutput(this, 'EventBusName', { value: eventBus.eventBusName });
    new CfnOutput(this, 'DestinationBucketName', { value: destinationBucket.bucketName });
    new CfnOutput(this, 'CopyToBucketRoleArn', { value: steps.CopyToBucket.role.roleArn });
    if (renderer) {
      new CfnOutput(this, 'RemotionFunctionName', { value: renderer.functionName });
      new CfnOutput(this, 'RemotionBucketName', { value: renderer.bucket.bucketName });
      for (const [i, folder] of Object.values(renderer.siteFolders).entries())
        new CfnOutput(this, i === 0 ? 'SiteUrl' : `SiteUrl${i + 1}`, {
          value: `${renderer.sitesUrl}/${folder}/index.html`,
        });
    }
    if (renderQueue) {
      new CfnOutput(this, 'RenderQueueUrl', { value: renderQueue.queue.queueUrl });
      new CfnOutput(this, 'RenderQueueDeadLettersUrl', { value: renderQueue.deadLetterQueue.queueUrl });
    }
    if (renderApi) new CfnOutput(this, 'RenderApiUrl', { value: renderApi.url });
    if (renderBatch)
      new CfnOutput(this, 'BatchStateMachineArn', { value: renderBatch.stateMachine.stateMachineArn });
    new CfnOutput(this, 'StartExecutionCommand', {
      value: `aws stepfunctions start-execution --state-machine-arn ${stateMachine.stateMachineArn} --input '${JSON.stringify(request)}'`,
    });
  }
}
