import { App } from 'aws-cdk-lib/core';
import { RenderWorkflowStack } from '../../stacks/render-workflow-stack.ts';

/** The app's stack under another name, as a second deployment in the account. */
new RenderWorkflowStack(new App(), process.env.STACK_NAME ?? '');
