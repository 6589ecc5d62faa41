import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { STATE_MACHINE_EVENTS } from '../statemachine/render-event-names.ts';
import { publishGrant } from './grants/event-grants.ts';
import { callGrants, grantApart } from './grants/turn-grants.ts';
import type { RenderSteps } from './render-steps.ts';
import type { RenderWorkflowProps } from './render-workflow-props.ts';
import { newWorkflowStateMachine } from './workflow-state-machine.ts';

/** Steps that call the next render when there is room for it. */
const CALLING = ['AwaitTurn', 'GetRenderProgress', 'CancelRender'];

/** The state machine of the definition, with a role that invokes its steps and publishes its events. */
export function newRenderStateMachine(
  scope: Construct,
  { steps, eventBus }: { readonly steps: RenderSteps; readonly eventBus: IEventBus },
  { logRetention, encryptionKeys }: RenderWorkflowProps,
): StateMachine {
  const substitutions = {
    EventBusArn: eventBus.eventBusArn,
    HasTurns: String(steps.AwaitTurn !== undefined),
    // Where no state leads to it there still has to be a function.
    ...(!steps.AwaitTurn && { AwaitTurnFunctionArn: steps.StartRender.function.functionArn }),
  };
  const stateMachine = newWorkflowStateMachine(scope, {
    definition: 'render-workflow.asl.json',
    comment: 'Renders a video with Remotion Lambda and copies it into a bucket.',
    description: 'Invokes the functions of the render workflow and publishes its events.',
    steps: { ...steps },
    substitutions,
    grants: [publishGrant(eventBus, STATE_MACHINE_EVENTS)],
    ...(logRetention !== undefined && { logRetention }),
    ...(encryptionKeys && { encryptionKeys }),
  });
  for (const [name, { role }] of Object.entries(steps))
    if (steps.AwaitTurn && CALLING.includes(name))
      grantApart(scope, `${name}CallsWaiting`, role, callGrants(stateMachine, encryptionKeys?.stateMachine));
  return stateMachine;
}
