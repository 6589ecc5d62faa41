import { InstanceProfile, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { RenderWorkflow } from '../../stacks/render-workflow.ts';

/** Profile of an EC2 instance of your own, which starts renders, follows and cancels them. */
export function instanceProfile(workflow: RenderWorkflow): InstanceProfile {
  const role = new Role(workflow, 'OwnInstanceRole', {
    assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
    managedPolicies: [
      workflow.renderPolicy('StartRender'),
      workflow.renderPolicy('GetRenderProgress'),
      workflow.renderPolicy('CancelRender'),
    ],
  });
  return new InstanceProfile(workflow, 'OwnInstanceProfile', { role });
}
