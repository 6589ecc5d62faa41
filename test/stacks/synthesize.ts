import { Template } from 'aws-cdk-lib/assertions';
import { App } from 'aws-cdk-lib/core';
import { RenderWorkflowStack } from '../../stacks/render-workflow-stack.ts';

export const REMOTION_FUNCTION = 'remotion-render-4-0-527-mem2048mb-disk2048mb-240sec';
export const REMOTION_BUCKET = 'remotionlambda-useast1-example';

/** The app's stack with context values over those that it requires; the functions are not bundled. */
export function newStack(context: Record<string, unknown> = {}): { app: App; stack: RenderWorkflowStack } {
  const app = new App({
    context: {
      'aws:cdk:bundling-stacks': [],
      remotionFunctionName: REMOTION_FUNCTION,
      remotionBucketName: REMOTION_BUCKET,
      ...context,
    },
  });
  return { app, stack: new RenderWorkflowStack(app, 'RemotionStepFunctions') };
}

/** The template of `newStack`. */
export function synthesize(context: Record<string, unknown> = {}): Template {
  return Template.fromStack(newStack(context).stack);
}
