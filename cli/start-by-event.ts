import { setTimeout as sleep } from 'node:timers/promises';
import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { ListExecutionsCommand, type SFNClient } from '@aws-sdk/client-sfn';
import type { EventEntry } from './start-options.ts';

/** How long to wait for the execution that an event starts, in milliseconds. */
const EVENT_DELIVERY_TIMEOUT_IN_MS = 10_000;

/**
 * Puts the event on the bus and waits for the execution that it starts. Returns the execution's ARN.
 *
 * @param defaultBusName For an event that names no bus.
 * @throws Error `EventNotAccepted` when the bus refuses the event, `EventNotMatched` when it starts nothing.
 */
export async function startByEvent(
  sfn: SFNClient,
  events: EventBridgeClient,
  stateMachineArn: string,
  event: EventEntry,
  defaultBusName: string,
): Promise<string> {
  const { Entries = [] } = await events.send(
    new PutEventsCommand({ Entries: [{ EventBusName: defaultBusName, ...event }] }),
  );
  const [entry] = Entries;
  if (entry?.ErrorCode) throw named('EventNotAccepted', `${entry.ErrorCode}: ${entry.ErrorMessage}`);
  const giveUpAt = Date.now() + EVENT_DELIVERY_TIMEOUT_IN_MS;
  while (Date.now() < giveUpAt) {
    const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 1 }));
    if (executions[0]?.executionArn) return executions[0].executionArn;
    await sleep(50);
  }
  throw named(
    'EventNotMatched',
    `The event started no execution. The rule takes events on the bus ${defaultBusName} with the DetailType "Render Requested"; this one has "${event.DetailType}" and the bus ${event.EventBusName ?? defaultBusName}.`,
  );
}

function named(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}
