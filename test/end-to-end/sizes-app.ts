import { join } from 'node:path';
import { App, CfnOutput, Stack } from 'aws-cdk-lib/core';
import { RemotionRenderer, RenderWorkflow } from '../../stacks/render-workflow.ts';

/** A stack of somebody's own, whose renderer has two sizes. */
const stack = new Stack(new App(), 'Sizes');
const site = join(import.meta.dirname, '../../examples/hello-world/index.ts');
const renderer = new RemotionRenderer(stack, 'Renderer', {
  sites: { 'hello-world': site },
  otherSizes: { large: { memorySizeInMb: 4096, timeoutInSeconds: 900 } },
});
const { stateMachine } = new RenderWorkflow(stack, 'RenderWorkflow', {
  renderer,
  maxSecondsBetweenUpdates: 5,
});
new CfnOutput(stack, 'StateMachineArn', { value: stateMachine.stateMachineArn });
new CfnOutput(stack, 'RemotionBucketName', { value: renderer.bucket.bucketName });
