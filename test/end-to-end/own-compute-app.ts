import { App } from 'aws-cdk-lib/core';
import { taskRole } from '../../examples/own-compute/container.ts';
import { instanceProfile } from '../../examples/own-compute/ec2-instance.ts';
import { RenderWorkflowStack } from '../../stacks/render-workflow-stack.ts';

const { workflow } = new RenderWorkflowStack(new App(), 'RemotionStepFunctions');
if (workflow) {
  instanceProfile(workflow);
  taskRole(workflow);
}
