import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { App, NestedStack, Stack, Stage } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { RenderWorkflow } from '../../stacks/render-workflow.ts';
import { REMOTION_BUCKET, REMOTION_FUNCTION } from './synthesize.ts';

/** Properties by which a resource gets a name that AWS refuses a second time in an account (and region). */
const NAME_PROPERTIES: Readonly<Record<string, string>> = {
  'AWS::ApiGateway::RestApi': 'Name',
  'AWS::CloudWatch::Alarm': 'AlarmName',
  'AWS::CloudWatch::Dashboard': 'DashboardName',
  'AWS::Events::EventBus': 'Name',
  'AWS::Events::Rule': 'Name',
  'AWS::IAM::ManagedPolicy': 'ManagedPolicyName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::KMS::Alias': 'AliasName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::Pipes::Pipe': 'Name',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::StepFunctions::StateMachine': 'StateMachineName',
};

/** Names of which AWS has one for all regions. */
const GLOBAL = ['AWS::CloudWatch::Dashboard', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::Role', 'AWS::S3::Bucket'];

/** Gone as soon as they are deleted, and deleted with the stack: the same name can be used again. */
const GONE_AT_ONCE = ['AWS::ApiGateway::RestApi', 'AWS::CloudWatch::Dashboard', 'AWS::Events::EventBus'];

/** Where a template is deployed, and as which creation of its stack. */
interface Deployment {
  readonly region: string;
  readonly uuid: string;
}

const FIRST: Deployment = { region: 'us-east-1', uuid: '11111111-aaaa-bbbb-cccc-000000000001' };
const AGAIN: Deployment = { region: 'us-east-1', uuid: '22222222-aaaa-bbbb-cccc-000000000002' };
const ELSEWHERE: Deployment = { region: 'eu-west-1', uuid: '33333333-aaaa-bbbb-cccc-000000000003' };

/** `type name` of everything that the template names, as it comes out where it is deployed. */
function physicalNames(template: Template, deployment = FIRST): string[] {
  const resources = Object.values(
    template.toJSON().Resources as Record<string, { Type: string; Properties: never }>,
  );
  return resources.flatMap(({ Type, Properties }) => {
    const name = NAME_PROPERTIES[Type] && Properties?.[NAME_PROPERTIES[Type]];
    return name === undefined || name === '' ? [] : [`${Type} ${evaluate(name, deployment)}`];
  });
}

function evaluate(value: unknown, { region, uuid }: Deployment): string {
  if (typeof value === 'string') return value;
  const [[name, argument] = []] = Object.entries(value as object);
  const list = (items: unknown): string[] =>
    Array.isArray(items)
      ? items.map((item) => evaluate(item, { region, uuid }))
      : evaluate((items as { 'Fn::Split': [string, unknown] })['Fn::Split'][1], { region, uuid }).split(
          (items as { 'Fn::Split': [string, unknown] })['Fn::Split'][0],
        );
  switch (name) {
    case 'Ref':
      if (argument === 'AWS::Region') return region;
      if (argument === 'AWS::StackId')
        return `arn:aws:cloudformation:${region}:123456789012:stack/Any/${uuid}`;
      break;
    case 'Fn::Join':
      return list(argument[1]).join(argument[0]);
    case 'Fn::Select':
      return list(argument[1])[argument[0]] as string;
  }
  throw new Error(`A name is made of ${JSON.stringify(value)}`);
}

const newApp = () => new App({ context: { 'aws:cdk:bundling-stacks': [] } });

/** A workflow with everything that it can make. */
function addWorkflow(scope: Construct, id = 'Renders'): void {
  const key = new Key(scope, `${id}Key`);
  new RenderWorkflow(scope, id, {
    remotionFunctionName: REMOTION_FUNCTION,
    remotionBucketName: REMOTION_BUCKET,
    renderQueue: true,
    renderApi: 'with-access-logs',
    dashboard: true,
    alarmTopic: new Topic(scope, `${id}Topic`),
    maxSpendPerDayInUsd: 1,
    encryptionKeys: { stateMachine: key, logs: key, deadLetterQueue: key, renderQueue: key },
  });
}

function stackOf(scope: Construct, id: string, props: { stackName?: string } = {}): Stack {
  const stack = new Stack(scope, id, props);
  addWorkflow(stack);
  return stack;
}

function nestedIn(parent: Stack): Stack {
  const nested = new NestedStack(parent, 'Nested');
  addWorkflow(nested);
  return nested;
}

const templates = (...stacks: Stack[]) => stacks.map((stack) => Template.fromStack(stack));

/** Deployments that must have no name in common: their templates, and where the second is deployed. */
const PAIRS: Readonly<Record<string, () => { templates: Template[]; second?: Deployment }>> = {
  'a second stack of the app': () => {
    const app = newApp();
    return { templates: templates(stackOf(app, 'One'), stackOf(app, 'Two')) };
  },
  'a stack with another stackName': () => ({
    templates: ['ours', 'theirs'].flatMap((stackName) => templates(stackOf(newApp(), 'One', { stackName }))),
  }),
  'a stack of another stage': () => {
    const app = newApp();
    return {
      templates: ['Test', 'Live'].flatMap((id) => templates(stackOf(new Stage(app, id), 'One'))),
    };
  },
  'a nested stack of another stack': () => {
    const app = newApp();
    return { templates: templates(...['One', 'Two'].map((id) => nestedIn(new Stack(app, id)))) };
  },
  'the stack in another region': () => ({
    templates: templates(stackOf(newApp(), 'One')),
    second: ELSEWHERE,
  }),
  'a stack that is made again': () => ({ templates: templates(stackOf(newApp(), 'One')), second: AGAIN }),
};

test('two workflows in one stack have no name in common', () => {
  const stack = new Stack(newApp(), 'One');
  addWorkflow(stack, 'Preview');
  addWorkflow(stack, 'Final');
  const names = physicalNames(Template.fromStack(stack));
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

test.each(Object.keys(PAIRS))('%s has no name in common with the first', (which) => {
  const { templates: [first, another = first] = [], second = FIRST } = PAIRS[which]?.() ?? {};
  const taken = physicalNames(first as Template);
  const isTaken = (name: string) => {
    const [type = ''] = name.split(' ');
    if (second === ELSEWHERE && !GLOBAL.includes(type)) return false;
    if (second === AGAIN && GONE_AT_ONCE.includes(type)) return false;
    return taken.includes(name);
  };
  expect(taken.length).toBeGreaterThan(4);
  expect(physicalNames(another as Template, second).filter(isTaken)).toEqual([]);
});
