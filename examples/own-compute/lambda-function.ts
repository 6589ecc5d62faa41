import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { RenderWorkflow } from '../../stacks/render-workflow.ts';

/** Execution role of a Lambda function of your own, which starts renders and follows them. */
export function functionRole(workflow: RenderWorkflow): Role {
  return new Role(workflow, 'OwnFunctionRole', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    managedPolicies: [workflow.renderPolicy('StartRender'), workflow.renderPolicy('GetRenderProgress')],
  });
}
