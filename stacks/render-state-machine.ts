import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { STATE_MACHINE_EVENTS } from '../statemachine/render-event-names.ts';
import { publishGrant } from './grants/event-grants.ts';
import type { RenderSteps } from './render-steps.ts';
import type { RenderWorkflowProps } from './render-workflow-props.ts';
import { newWorkflowStateMachine } from './workflow-state-machine.ts';

/** The state machine of the definition, with a role that invokes its steps and publishes its events. */
export function newRenderStateMachine(
  scope: Construct,
  { steps, eventBus }: { readonly steps: RenderSteps; readonly eventBus: IEventBus },
  { logRetention, encryptionKeys }: RenderWorkflowProps,
): StateMachine {
  return newWorkflowStateMachine(scope, {
    definition: 'render-workflow.asl.json',
    comment: 'Renders a video with Remotion Lambda and copies it into a bucket.',
    description: 'Invokes the functions of the render workflow and publishes its events.',
    steps,
    substitutions: { EventBusArn: eventBus.eventBusArn },
    grants: [publishGrant(eventBus, STATE_MACHINE_EVENTS)],
    ...(logRetention !== undefined && { logRetention }),
    ...(encryptionKeys && { encryptionKeys }),
  });
}
