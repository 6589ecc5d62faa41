import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { CfnRule, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, type FunctionOptions, Function as LambdaFn, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { DefinitionBody, StateMachine, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Stack } from 'aws-cdk-lib/core';
import { VirtualClock } from '../../../local/clock.ts';
import type { LocalStack } from '../../../local/cloud-assembly/local-stack.ts';
import { readCloudAssembly } from '../../../local/cloud-assembly/read-cloud-assembly.ts';
import { callTarget } from '../../../local/eventbridge/call-target.ts';
import type { Delivery } from '../../../local/eventbridge/event-delivery.ts';
import { startGateway } from '../../../local/gateway.ts';
import { type OneMachine, startOneMachine } from '../../../local/one-machine.ts';
import { StepFunctions } from '../../../local/stepfunctions/step-functions.ts';
import { synthesize, temporaryFolder } from '../cloud-assembly/synthesize.ts';
import { testHost } from '../lambda/test-host.ts';
import { until } from '../lambda/until.ts';

const folder = temporaryFolder();
const lines: string[] = [];
let stack: LocalStack;
let machine: OneMachine;
let events: EventBridgeClient;
let sqs: SQSClient;

/** Rules on `source`, or on the machine's ends, with functions that answer, fail, and may not be invoked. */
function build(stack: Stack): void {
  const addFunction = (id: string, code: string, options: FunctionOptions = {}) => {
    const source = mkdtempSync(join(folder.path, 'code-'));
    writeFileSync(join(source, 'index.mjs'), code);
    const role = new Role(stack, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    return new LambdaFn(stack, id, {
      functionName: id,
      code: Code.fromAsset(source),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      role,
      ...options,
    });
  };
  const print = 'export const handler = async (event) => console.log(JSON.stringify(event))';
  const deadLetterQueue = new Queue(stack, 'DeadLetters', { queueName: 'dead-letters' });
  const definitionBody = DefinitionBody.fromChainable(new Succeed(stack, 'Done'));
  const workflow = new StateMachine(stack, 'Workflow', { stateMachineName: 'workflow', definitionBody });
  new Rule(stack, 'Ended', {
    eventPattern: {
      source: ['aws.states'],
      detail: { stateMachineArn: [workflow.stateMachineArn], status: ['SUCCEEDED'] },
    },
    targets: [new LambdaFunction(addFunction('ended', print))],
  });
  new Rule(stack, 'Failing', {
    eventPattern: { source: ['failing'] },
    targets: [
      new LambdaFunction(
        addFunction('failing', `export const handler = async () => { throw new Error('no') }`, {
          onFailure: new SqsDestination(new Queue(stack, 'Discarded', { queueName: 'discarded' })),
        }),
        { deadLetterQueue },
      ),
    ],
  });
  const refusing = addFunction('refusing', print);
  const refused = new CfnRule(stack, 'Refused', {
    eventPattern: { source: ['refused'] },
    targets: [
      { id: 'Target0', arn: refusing.functionArn, deadLetterConfig: { arn: deadLetterQueue.queueArn } },
    ],
  });
  deadLetterQueue.grantSendMessages(
    new ServicePrincipal('events.amazonaws.com', {
      conditions: { ArnEquals: { 'aws:SourceArn': refused.attrArn } },
    }),
  );
  const invoker = new Role(stack, 'Invoker', { assumedBy: new ServicePrincipal('events.amazonaws.com') });
  const invoked = addFunction('invoked', print);
  invoked.grantInvoke(invoker);
  new CfnRule(stack, 'ByRole', {
    eventPattern: { source: ['by-role'] },
    targets: [{ id: 'Target0', arn: invoked.functionArn, roleArn: invoker.roleArn }],
  });
}

beforeAll(async () => {
  const gateway = await startGateway();
  stack = readCloudAssembly(synthesize(folder.path, build), { endpoint: gateway.endpoint });
  const client = {
    endpoint: gateway.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
  };
  events = new EventBridgeClient(client);
  sqs = new SQSClient(client);
  machine = await startOneMachine({
    gateway,
    stack,
    log: (source, line) => lines.push(`${source}: ${line}`),
    clock: new VirtualClock(),
  });
});
afterAll(async () => {
  events.destroy();
  sqs.destroy();
  await machine.stop();
  folder.remove();
});

const put = (Source: string) =>
  events.send(new PutEventsCommand({ Entries: [{ Source, DetailType: 'x', Detail: '{"order":7}' }] }));

async function printedBy(name: string): Promise<{ source: string; detail: Record<string, unknown> }> {
  const line = () => lines.find((each) => each.startsWith(`${name}: {`));
  await until(() => line() !== undefined);
  return JSON.parse(line()?.slice(name.length + 2) ?? 'null');
}

async function receive(queueName: string) {
  const command = new ReceiveMessageCommand({
    QueueUrl: stack.queues.find(({ name }) => name === queueName)?.url,
    MessageAttributeNames: ['All'],
    WaitTimeSeconds: 5,
  });
  const { Messages = [] } = await sqs.send(command);
  return Messages.map(({ Body = '', MessageAttributes = {} }) => ({
    body: JSON.parse(Body),
    errorCode: MessageAttributes.ERROR_CODE?.StringValue,
  }));
}

describe('a rule with a function as its target', () => {
  test('invokes it with the event, by the permission of the function’s policy', async () => {
    const [workflow] = stack.stateMachines;
    const { arn } = machine.stepFunctions.startExecution({ stateMachineArn: workflow?.arn ?? '' });
    expect(await printedBy('ended')).toMatchObject({
      source: 'aws.states',
      'detail-type': 'Step Functions Execution Status Change',
      resources: [arn],
      detail: { executionArn: arn, status: 'SUCCEEDED' },
    });
    expect(machine.calls.find(({ action }) => action === 'lambda:InvokeFunction')).toMatchObject({
      principal: 'events.amazonaws.com',
      resource: stack.functions.find(({ name }) => name === 'ended')?.arn,
      decision: 'Allow',
    });
  });

  test('invokes it as the target’s role', async () => {
    await put('by-role');
    expect(await printedBy('invoked')).toMatchObject({ source: 'by-role', detail: { order: 7 } });
  });

  test('sends the event to the rule’s dead-letter queue when it may not invoke it', async () => {
    await put('refused');
    expect(await receive('dead-letters')).toMatchObject([
      { body: { source: 'refused' }, errorCode: 'NO_PERMISSIONS' },
    ]);
    expect(lines.filter((line) => line.startsWith('refusing: {'))).toEqual([]);
  });

  test('has done its part once the function is invoked: what fails goes where the function says', async () => {
    await put('failing');
    expect(await receive('discarded')).toMatchObject([
      {
        body: {
          requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
          requestPayload: { source: 'failing', detail: { order: 7 } },
          responsePayload: { errorMessage: 'no' },
        },
      },
    ]);
    expect(machine.calls.findLast(({ action }) => action === 'sqs:SendMessage')).toMatchObject({
      principal: stack.functions.find(({ name }) => name === 'failing')?.roleArn,
      decision: 'Allow',
    });
  });
});

test.each([
  ['is not there', 'arn:aws:lambda:us-east-1:123456789012:function:missing'],
  ['is an alias', 'arn:aws:lambda:us-east-1:123456789012:function:work:live'],
  ['is in another region', 'arn:aws:lambda:eu-west-1:123456789012:function:work'],
])('a target that %s is refused', async (_, arn) => {
  const { host, stop } = testHost({ work: { code: 'export const handler = () => {}' } });
  const unused = async () => Promise.reject(new Error('no tasks here'));
  const stepFunctions = new StepFunctions({
    clock: new VirtualClock(),
    services: { invokeLambda: unused, putEvents: unused },
  });
  const call = callTarget(stepFunctions, host, { sendMessage: async () => {} });
  await expect(call({ target: { arn }, input: '{}' } as Delivery)).rejects.toMatchObject({
    code: 'ResourceNotFoundException',
  });
  await stop();
});
