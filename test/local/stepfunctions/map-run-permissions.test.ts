import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Stack } from 'aws-cdk-lib/core';
import { VirtualClock } from '../../../local/clock.ts';
import { readCloudAssembly } from '../../../local/cloud-assembly/read-cloud-assembly.ts';
import { startGateway } from '../../../local/gateway.ts';
import { type OneMachine, startOneMachine } from '../../../local/one-machine.ts';
import type { Execution } from '../../../local/stepfunctions/execution.ts';
import { synthesize, temporaryFolder } from '../cloud-assembly/synthesize.ts';
import { distributedMap, reader, writer } from './distributed-machine.ts';
import { jsonataMachine } from './run-machine.ts';

const STATES = 'arn:aws:states:us-east-1:123456789012';
const BATCH_ARN = `${STATES}:stateMachine:batch`;
const RULE = 'arn:aws:events:us-east-1:123456789012:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule';

/** What the role of `batch` needs: all of this, and nothing else. */
const GRANTS: Record<string, string> = {
  's3:GetObject': 'arn:aws:s3:::tables/rows.json',
  's3:PutObject': 'arn:aws:s3:::results/out/*',
  'states:StartExecution': `${STATES}:stateMachine:batch`,
  'states:RedriveExecution': `${STATES}:execution:batch/Rows:*`,
  'states:StopExecution': `${STATES}:execution:batch/Rows:*`,
  'states:StartExecution of a row': `${STATES}:stateMachine:row`,
  'states:DescribeExecution of a row': `${STATES}:execution:row:*`,
  'states:StopExecution of a row': `${STATES}:execution:row:*`,
  'events:PutTargets': RULE,
  'events:PutRule': RULE,
  'events:DescribeRule': RULE,
};

const folder = temporaryFolder();
const clock = new VirtualClock();
let machine: OneMachine;
let roleArn: string;
let s3: S3Client;

/** The machine `batch` runs `row` for each item of a table, and writes the results. */
function build(stack: Stack): void {
  for (const bucketName of ['tables', 'results']) new Bucket(stack, bucketName, { bucketName });
  const assumedBy = new ServicePrincipal('states.amazonaws.com');
  const role = new Role(stack, 'Role', { assumedBy });
  for (const [name, resource] of Object.entries(GRANTS)) role.addToPolicy(grant(name, resource));
  const row = jsonataMachine('Wait', {
    Wait: { Type: 'Wait', Seconds: '{% $states.input.wait %}', Next: 'Check' },
    Check: {
      Type: 'Choice',
      Choices: [{ Condition: '{% $states.input.fail = true %}', Next: 'Fail' }],
      Default: 'Done',
    },
    Fail: { Type: 'Fail', Error: 'RowFailed' },
    Done: { Type: 'Succeed' },
  });
  const StartRow = {
    Type: 'Task',
    Resource: 'arn:aws:states:::states:startExecution.sync:2',
    Arguments: { StateMachineArn: `${STATES}:stateMachine:row`, Input: '{% $states.input %}' },
    End: true,
  };
  const rest = {
    ItemReader: reader('rows.json', { InputType: 'JSON' }),
    ResultWriter: writer(),
  };
  const batch = jsonataMachine('Map', { Map: distributedMap(rest, { StartRow }) });
  for (const [stateMachineName, definitionString] of Object.entries({ row, batch })) {
    new CfnStateMachine(stack, stateMachineName, {
      stateMachineName,
      definitionString,
      roleArn: role.roleArn,
    });
  }
}

function grant(name: string, resource: string): PolicyStatement {
  const [action = ''] = name.split(' ');
  return new PolicyStatement({ effect: Effect.ALLOW, actions: [action], resources: [resource] });
}

beforeAll(async () => {
  const gateway = await startGateway();
  const stack = readCloudAssembly(synthesize(folder.path, build), { endpoint: gateway.endpoint });
  machine = await startOneMachine({ gateway, stack, log: () => {}, clock });
  roleArn = stack.stateMachines.find(({ name }) => name === 'batch')?.roleArn ?? '';
  s3 = new S3Client({
    endpoint: gateway.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    forcePathStyle: true,
  });
});
afterAll(async () => {
  s3.destroy();
  await machine.stop();
  folder.remove();
});

/** Puts a table where the machine reads it, and starts it without one of its grants. */
async function startWithout(missing: string | undefined, ...rows: object[]): Promise<Execution> {
  await s3.send(new PutObjectCommand({ Bucket: 'tables', Key: 'rows.json', Body: JSON.stringify(rows) }));
  const statements = Object.entries(GRANTS)
    .filter(([name]) => name !== missing)
    .map(([name, Resource]) => ({ Effect: 'Allow' as const, Action: name.split(' ')[0], Resource }));
  machine.access.replacePolicy(roleArn, statements);
  return machine.stepFunctions.startExecution({ stateMachineArn: BATCH_ARN });
}

function childrenOf({ arn }: Execution): (Execution | undefined)[] {
  const [mapRun] = machine.stepFunctions.mapRuns.of(arn);
  return (mapRun?.children ?? []).map(
    ({ execution }) => execution && machine.stepFunctions.execution(execution.arn),
  );
}

const rowsOf = () => machine.stepFunctions.executions.filter(({ machine: { name } }) => name === 'row');

describe('the role of a machine with a distributed Map', () => {
  test('with all its grants reads, starts, waits and writes', async () => {
    const execution = await startWithout(undefined, { wait: 1 }, { wait: 2 });
    await execution.ended;
    expect(execution).toMatchObject({ status: 'SUCCEEDED' });
    const { ResultWriterDetails } = JSON.parse(execution.outputText ?? '');
    const Key = ResultWriterDetails.Key.replace('manifest.json', 'SUCCEEDED_0.json');
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'results', Key }));
    expect(JSON.parse((await Body?.transformToString()) ?? '')).toHaveLength(2);
  });

  test.each([
    ['s3:GetObject', 'States.ItemReaderFailed', 'not authorized to perform: s3:GetObject'],
    ['s3:PutObject', 'States.ResultWriterFailed', 'not authorized to perform: s3:PutObject'],
    ['states:StartExecution', 'States.Runtime', `states:StartExecution on resource: ${BATCH_ARN}`],
  ])('without %s fails the run', async (missing, error, cause) => {
    const execution = await startWithout(missing, { wait: 1 });
    await execution.ended;
    expect(execution).toMatchObject({ status: 'FAILED', error, cause: expect.stringContaining(cause) });
  });

  test.each([
    ['states:StartExecution of a row', 'states:StartExecution'],
    ['states:DescribeExecution of a row', 'states:DescribeExecution'],
    ['events:PutTargets', 'events:PutTargets'],
    ['events:PutRule', 'events:PutRule'],
    ['events:DescribeRule', 'events:DescribeRule'],
  ])('without %s fails its executions', async (missing, action) => {
    const execution = await startWithout(missing, { wait: 1 });
    await execution.ended;
    expect(childrenOf(execution)[0]).toMatchObject({
      status: 'FAILED',
      error: 'StepFunctions.AWSStepFunctionsException',
      cause: expect.stringContaining(`not authorized to perform: ${action} on resource`),
    });
  });

  test.each([
    [undefined, 'ABORTED', 'ABORTED'],
    ['states:StopExecution', 'RUNNING', 'RUNNING'],
    ['states:StopExecution of a row', 'ABORTED', 'RUNNING'],
  ])('without %s stops less than all when it is stopped', async (missing, ofChild, ofRow) => {
    const execution = await startWithout(missing, { wait: 600 });
    await clock.sleep(1000);
    execution.stop();
    await clock.sleep(1000);
    expect(childrenOf(execution)[0]?.status).toBe(ofChild);
    expect(rowsOf().at(-1)?.status).toBe(ofRow);
    await clock.sleep(600_000);
  });

  test('without states:RedriveExecution does not redrive its executions', async () => {
    const execution = await startWithout('states:RedriveExecution', { wait: 1, fail: true });
    await execution.ended;
    machine.stepFunctions.redriveExecution(execution.arn);
    await execution.ended;
    expect(execution).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining('not authorized to perform: states:RedriveExecution'),
    });
    await startWithout(undefined, {});
    machine.stepFunctions.redriveExecution(execution.arn);
    await execution.ended;
    expect(childrenOf(execution)[0]).toMatchObject({ status: 'FAILED', redriveCount: 1 });
  });
});
