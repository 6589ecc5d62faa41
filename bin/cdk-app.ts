import { App } from 'aws-cdk-lib/core';
import cdkJson from '../cdk.json' with { type: 'json' };
import { RenderWorkflowStack } from '../stacks/render-workflow-stack.ts';

/** The app, also of the package: it brings the settings of cdk.json with it, so that every folder has the same template. */
export const app = new App({ context: cdkJson.context, analyticsReporting: cdkJson.versionReporting });
new RenderWorkflowStack(app, 'RemotionStepFunctions');
