import {
  type Authorization,
  AwsError,
  type AwsRequest,
  type AwsResponse,
  LOCAL_ACCOUNT_ID,
  LOCAL_REGION,
  type LocalService,
} from '../aws.ts';
import type { LocalQueue } from '../cloud-assembly/local-stack.ts';
import type { FauxqsBackend } from '../s3/fauxqs-backend.ts';

/** SQS behind the gateway, and in process for those services that send to a queue. */
export interface SqsService extends LocalService {
  /**
   * Sends a message, e.g. to a dead-letter queue. Throws AwsError, e.g. `QueueDoesNotExist`.
   *
   * @param attributes message attributes, all of type String
   */
  sendMessage(queueArn: string, body: string, attributes: Readonly<Record<string, string>>): Promise<void>;
}

/** A queue's settings; those that it lacks have SQS's defaults. */
export type NewQueue = Pick<LocalQueue, 'name' | 'redrive'> &
  Partial<Pick<LocalQueue, 'visibilityTimeoutInSeconds'>>;

export interface SqsServiceOptions {
  readonly backend: FauxqsBackend;
  /** The queues to create when the machine starts. */
  readonly queues: readonly NewQueue[];
}

/** Operations done here and the permission that each needs. */
const ACTIONS: Readonly<Record<string, string>> = {
  ChangeMessageVisibility: 'sqs:ChangeMessageVisibility',
  DeleteMessage: 'sqs:DeleteMessage',
  DeleteMessageBatch: 'sqs:DeleteMessage',
  GetQueueAttributes: 'sqs:GetQueueAttributes',
  GetQueueUrl: 'sqs:GetQueueUrl',
  ListQueues: 'sqs:ListQueues',
  PurgeQueue: 'sqs:PurgeQueue',
  ReceiveMessage: 'sqs:ReceiveMessage',
  SendMessage: 'sqs:SendMessage',
  SendMessageBatch: 'sqs:SendMessage',
};

/** The account of fauxqs's own ARNs. */
const FAUXQS_ACCOUNT_ID = '000000000000';

const CONTENT_TYPE = 'application/x-amz-json-1.0';

/** SQS (JSON protocol) over fauxqs, whose account and addresses are replaced by this machine's. */
export async function createSqsService({ backend, queues }: SqsServiceOptions): Promise<SqsService> {
  const call = (operation: string, body: Buffer | object) =>
    backend.request({
      method: 'POST',
      url: '/',
      headers: { 'content-type': CONTENT_TYPE, 'x-amz-target': `AmazonSQS.${operation}` },
      body: Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)),
    });
  for (const queue of queues)
    await call('CreateQueue', { QueueName: queue.name, Attributes: attributesOf(queue) });

  return {
    signingName: 'sqs',
    authorizations(request): Authorization[] {
      const operation = operationOf(request);
      const action = ACTIONS[operation];
      if (!action) throw new AwsError('InvalidAction', `The one-machine run does not do sqs:${operation}.`);
      const { QueueUrl, QueueName } = readBody(request);
      const name = QueueName ?? QueueUrl?.split('/').at(-1);
      return [{ action, resource: name === undefined ? '*' : queueArn(name) }];
    },
    async handle(request): Promise<AwsResponse> {
      const response = await call(operationOf(request), request.body);
      if (response.status !== 200) return response;
      return {
        ...response,
        headers: { 'content-type': CONTENT_TYPE },
        body: localise(response.body, request),
      };
    },
    async sendMessage(arn, body, attributes) {
      const response = await call('SendMessage', {
        QueueUrl: `http://127.0.0.1/${LOCAL_ACCOUNT_ID}/${arn.split(':').at(-1)}`,
        MessageBody: body,
        MessageAttributes: Object.fromEntries(
          Object.entries(attributes).map(([name, StringValue]) => [
            name,
            { DataType: 'String', StringValue },
          ]),
        ),
      });
      if (response.status === 200) return;
      const { __type = 'InternalFailure', message = '' } = JSON.parse(response.body.toString());
      throw new AwsError(__type.split('#').at(-1), message, response.status);
    },
    errorResponse: ({ code, message, status }) => ({
      status,
      headers: { 'content-type': CONTENT_TYPE, 'x-amzn-query-error': `${code};Sender` },
      body: JSON.stringify({ __type: `com.amazonaws.sqs#${code}`, message }),
    }),
  };
}

function attributesOf({ visibilityTimeoutInSeconds, redrive }: NewQueue): Record<string, string> {
  return {
    ...(visibilityTimeoutInSeconds !== undefined && {
      VisibilityTimeout: String(visibilityTimeoutInSeconds),
    }),
    ...(redrive && {
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: queueArn(redrive.deadLetterQueueArn.split(':').at(-1) ?? '', FAUXQS_ACCOUNT_ID),
        maxReceiveCount: redrive.maximumReceiveCount,
      }),
    }),
  };
}

/** Puts this machine's queue URLs and ARNs into the fields of an answer that carry one. */
function localise(body: Buffer, { headers }: AwsRequest): string {
  const answer = JSON.parse(body.toString() || '{}');
  const localUrl = (url: string): string =>
    `http://${headers.host}/${LOCAL_ACCOUNT_ID}/${url.split('/').at(-1)}`;
  if (answer.QueueUrl) answer.QueueUrl = localUrl(answer.QueueUrl);
  if (answer.QueueUrls) answer.QueueUrls = answer.QueueUrls.map(localUrl);
  if (answer.Attributes?.QueueArn)
    answer.Attributes.QueueArn = queueArn(answer.Attributes.QueueArn.split(':').at(-1));
  if (answer.Attributes?.RedrivePolicy)
    answer.Attributes.RedrivePolicy = answer.Attributes.RedrivePolicy.replace(
      FAUXQS_ACCOUNT_ID,
      LOCAL_ACCOUNT_ID,
    );
  return JSON.stringify(answer);
}

function operationOf({ headers }: AwsRequest): string {
  return headers['x-amz-target']?.split('.').at(-1) ?? 'an unnamed operation';
}

function readBody({ body }: AwsRequest): { QueueUrl?: string; QueueName?: string } {
  try {
    return JSON.parse(body.toString() || '{}');
  } catch {
    throw new AwsError('SerializationException', 'The body is not JSON.');
  }
}

function queueArn(name: string, accountId = LOCAL_ACCOUNT_ID): string {
  return `arn:aws:sqs:${LOCAL_REGION}:${accountId}:${name}`;
}
