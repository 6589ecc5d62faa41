import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { BatchEventDetail, BatchEventType } from '../../statemachine/batch-event-schema.ts';
import type { RenderEventDetail, RenderEventType } from '../../statemachine/contract.ts';
import { RENDER_EVENT_SOURCE } from '../../statemachine/render-event-names.ts';

let client: EventBridgeClient | undefined;

/**
 * Publishes an event of the workflow: up to three attempts of three seconds each. To be imported when it is needed,
 * as its client takes time to load.
 *
 * @throws Error of the SDK; `EventNotPublished` when EventBridge does not take the event.
 */
export async function publishEvent<Type extends RenderEventType | BatchEventType>(
  eventBusArn: string,
  detailType: Type,
  detail: Type extends RenderEventType
    ? RenderEventDetail<Type>
    : Type extends BatchEventType
      ? BatchEventDetail<Type>
      : never,
): Promise<void> {
  const requestHandler = { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true };
  client ??= new EventBridgeClient({ requestHandler });
  const { Entries, FailedEntryCount } = await client.send(
    new PutEventsCommand({
      Entries: [
        {
          EventBusName: eventBusArn,
          Source: RENDER_EVENT_SOURCE,
          DetailType: detailType,
          Detail: JSON.stringify(detail),
          Resources: [detail.executionArn],
        },
      ],
    }),
  );
  if (!FailedEntryCount) return;
  const { ErrorCode, ErrorMessage } = Entries?.[0] ?? {};
  const error = new Error(`EventBridge does not take the event: ${ErrorCode}: ${ErrorMessage}`);
  error.name = 'EventNotPublished';
  throw error;
}
