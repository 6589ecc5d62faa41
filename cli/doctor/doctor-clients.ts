import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { PipesClient } from '@aws-sdk/client-pipes';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { STSClient } from '@aws-sdk/client-sts';
import { type ClientSettings, describeCall, type RenderClients } from '../render-clients.ts';

/** What it takes to look at a deployed workflow. */
export interface DoctorClients extends RenderClients {
  readonly lambda: LambdaClient;
  readonly events: EventBridgeClient;
  readonly sqs: SQSClient;
  readonly iam: IAMClient;
  readonly sts: STSClient;
  readonly cloudwatch: CloudWatchClient;
  readonly sns: SNSClient;
  readonly pipes: PipesClient;
}

/** Clients whose errors carry `CallDetails`, for the region of those that there are. */
export async function createDoctorClients(clients: RenderClients): Promise<DoctorClients> {
  // Without a region every call says so; the checks tell it.
  const region = await clients.sfn.config.region().catch(() => undefined);
  const settings: ClientSettings = region ? { region } : {};
  const more = {
    lambda: new LambdaClient(settings),
    events: new EventBridgeClient(settings),
    sqs: new SQSClient(settings),
    iam: new IAMClient(settings),
    sts: new STSClient(settings),
    cloudwatch: new CloudWatchClient(settings),
    sns: new SNSClient(settings),
    pipes: new PipesClient(settings),
  };
  const endpoint = process.env.AWS_ENDPOINT_URL;
  for (const [service, client] of Object.entries(more)) {
    const { middlewareStack, config } = client as Pick<LambdaClient, 'middlewareStack' | 'config'>;
    middlewareStack.add(describeCall(service, config.region, endpoint), { step: 'initialize' });
  }
  return { ...clients, ...more };
}
