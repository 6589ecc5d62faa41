import { App, Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { RenderWorkflowStack } from '../stacks/render-workflow-stack.ts';

const app = new App();
try {
  new RenderWorkflowStack(app, 'RemotionStepFunctions');
} catch (error) {
  // What a person can put right needs no stack trace.
  if (!(error instanceof Error) || !['InvalidContext', 'NotInRemotionPolicy'].includes(error.name))
    throw error;
  console.error(`${error.name}: ${error.message}`);
  process.exit(1);
}
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
