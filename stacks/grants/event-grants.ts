import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { RENDER_EVENT_SOURCE } from '../../statemachine/render-event-names.ts';
import type { StepGrant } from './step-grant.ts';

/**
 * Lets a role publish the workflow's own events of these `detail-type`s on a bus, and no others: it cannot ask for
 * renders. `events:source` has a list of values in a request, `events:detail-type` has one.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-example-policy-cross-account-custom-bus-source.html
 */
export function publishGrant(eventBus: IEventBus, detailTypes: readonly string[]): StepGrant {
  return {
    sid: 'PublishEvents',
    why: `Publishes ${new Intl.ListFormat('en-GB').format(detailTypes)}, and nothing that asks for a render.`,
    actions: ['events:PutEvents'],
    resources: [eventBus.eventBusArn],
    conditions: {
      'ForAllValues:StringEquals': { 'events:source': RENDER_EVENT_SOURCE },
      StringEquals: { 'events:detail-type': detailTypes },
    },
    workflowOnly: true,
  };
}
