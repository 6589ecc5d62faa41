import { App, Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { RenderWorkflowStack } from '../stacks/render-workflow-stack.ts';

const app = new App();
new RenderWorkflowStack(app, 'RemotionStepFunctions');
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
