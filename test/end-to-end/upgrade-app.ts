import { App, CfnResource } from 'aws-cdk-lib/core';
import { RenderWorkflowStack } from '../../stacks/render-workflow-stack.ts';

/** The app's stack, in which a replaced function is waited for as long as a render of the test may take. */
const stack = new RenderWorkflowStack(new App(), 'RemotionStepFunctions');
for (const each of stack.node.findAll())
  if (CfnResource.isCfnResource(each) && each.cfnResourceType === 'Custom::RemotionFunctionInUse')
    each.addPropertyOverride('Seconds', process.env.WAIT_IN_SECONDS);
