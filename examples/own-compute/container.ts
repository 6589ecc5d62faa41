import { Role } from 'aws-cdk-lib/aws-iam';
import { actingService } from '../../stacks/grants/acting-service.ts';
import type { RenderWorkflow } from '../../stacks/render-workflow.ts';

/** Task role of an ECS container of your own, which copies finished videos. */
export function taskRole(workflow: RenderWorkflow): Role {
  return new Role(workflow, 'OwnTaskRole', {
    assumedBy: actingService('ecs', '*', 'ecs-tasks.amazonaws.com'),
    managedPolicies: [workflow.renderPolicy('CopyToBucket')],
  });
}
