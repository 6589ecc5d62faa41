import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { App, type Stack } from 'aws-cdk-lib/core';
import type { RenderWorkflow } from '../../stacks/render-workflow.ts';
import { RenderWorkflowStack } from '../../stacks/render-workflow-stack.ts';

export const REMOTION_FUNCTION = 'remotion-render-4-0-527-mem2048mb-disk2048mb-240sec';
export const REMOTION_BUCKET = 'remotionlambda-useast1-example';

/** The app's stack with context values over those that it requires; the functions are not bundled. */
export function newStack(context: Record<string, unknown> = {}) {
  const app = new App({
    context: {
      'aws:cdk:bundling-stacks': [],
      remotionFunctionName: REMOTION_FUNCTION,
      remotionBucketName: REMOTION_BUCKET,
      ...context,
    },
  });
  const stack = new RenderWorkflowStack(app, 'RemotionStepFunctions');
  return { app, stack, workflow: stack.workflow as RenderWorkflow };
}

const templates = new Map<string, Template>();

/** The template of `newStack`, made once for a context in each test file. */
export function synthesize(context: Record<string, unknown> = {}): Template {
  const key = JSON.stringify(Object.entries(context));
  const template = templates.get(key) ?? Template.fromStack(newStack(context).stack);
  templates.set(key, template);
  return template;
}

/** The errors for which `cdk deploy` refuses a stack, as one text. */
export function problemsOf(stack: Stack): string {
  const errors = Annotations.fromStack(stack).findError('*', Match.anyValue());
  return errors.map(({ entry }) => String(entry.data)).join('\n');
}

/** The errors of the app's stack with context values over those that it requires. */
export const problemsWith = (context: Record<string, unknown>): string => problemsOf(newStack(context).stack);
