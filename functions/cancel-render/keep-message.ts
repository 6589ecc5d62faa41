import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

let client: SQSClient | undefined;

/**
 * Keeps the event of an execution of a queue's message in the queue's dead-letter queue. To be imported when it is
 * needed, as its client takes time to load.
 *
 * @throws Error of the SDK.
 */
export async function keepMessage(QueueUrl: string, event: object): Promise<void> {
  const requestHandler = { connectionTimeout: 1_000, requestTimeout: 10_000, throwOnRequestTimeout: true };
  client ??= new SQSClient({ requestHandler });
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(event) }));
}
