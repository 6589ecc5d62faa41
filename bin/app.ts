import { App, Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { RenderWorkflowStack } from '../stacks/render-workflow-stack.ts';

// What a person can put right.
const PROBLEMS = ['InvalidContext', 'MissingAlarmTopic', 'NotInRemotionPolicy'];

const app = new App();
try {
  new RenderWorkflowStack(app, 'RemotionStepFunctions');
} catch (error) {
  // Needs no stack trace.
  if (!(error instanceof Error) || !PROBLEMS.includes(error.name)) throw error;
  console.error(`${error.name}: ${error.message}`);
  process.exit(1);
}
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
