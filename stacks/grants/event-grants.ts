import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { RENDER_EVENT_SOURCE } from '../../statemachine/render-event-names.ts';
import type { StepGrant } from './step-grant.ts';

/**
 * Lets a role publish the workflow's own events of these `detail-type`s on a bus, and no others: it cannot ask for
 * renders. Both keys have a list of values in a request, one for each entry: all must be among these. As that also
 * holds for a request without the key, the key must be there.
 * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html#amazoneventbridge-policy-keys
 */
export function publishGrant(eventBus: IEventBus, detailTypes: readonly string[]): StepGrant {
  return {
    sid: 'PublishEvents',
    why: `Publishes ${new Intl.ListFormat('en-GB').format(detailTypes)}, and nothing that asks for a render.`,
    actions: ['events:PutEvents'],
    resources: [eventBus.eventBusArn],
    conditions: {
      'ForAllValues:StringEquals': {
        'events:source': RENDER_EVENT_SOURCE,
        'events:detail-type': detailTypes,
      },
      Null: { 'events:source': 'false', 'events:detail-type': 'false' },
    },
    workflowOnly: true,
  };
}
