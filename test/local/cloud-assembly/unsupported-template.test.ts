import { EventField, Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Code, Function as LambdaFn, Runtime } from 'aws-cdk-lib/aws-lambda';
import { DefinitionBody, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { CustomResource, type Stack } from 'aws-cdk-lib/core';
import { readCloudAssembly } from '../../../local/cloud-assembly/read-cloud-assembly.ts';
import {
  assemblyOf,
  definitionFile,
  functionWithRole,
  handlerFolder,
  synthesize,
  temporaryFolder,
} from './synthesize.ts';

const ENDPOINT = 'http://127.0.0.1:4566';
const folder = temporaryFolder();
const handler = handlerFolder(folder.path);
const definition = definitionFile(folder.path);

afterAll(() => folder.remove());

const readStack = (directory: string) => readCloudAssembly(directory, { endpoint: ENDPOINT });
const refusal = (message: string) => expect.objectContaining({ name: 'UnsupportedTemplate', message });

describe('what the one machine does not do is refused by its name and place', () => {
  test.each<[string, (stack: Stack) => void, RegExp]>([
    [
      'a custom resource of somebody else',
      (stack) =>
        new CustomResource(stack, 'C', {
          resourceType: 'Custom::C',
          serviceToken: 'arn:aws:lambda:us-east-1:1:function:f',
        }),
      /^Resources\/C\/Properties: arn:aws:lambda:us-east-1:1:function:f is no AWS::Lambda::Function of this stack$/,
    ],
    [
      'a managed policy',
      (stack) =>
        new LambdaFn(stack, 'F', {
          code: Code.fromAsset(handler),
          handler: 'i.h',
          runtime: Runtime.NODEJS_24_X,
        }),
      /^Resources\/FServiceRole\w+\/Properties\/ManagedPolicyArns: ManagedPolicyArns of AWS::IAM::Role is not supported$/,
    ],
    [
      'inline code',
      (stack) => functionWithRole(stack, 'F', handler, { code: Code.fromInline('x') }),
      /^Resources\/F\w+\/Properties\/Code: only code from an asset is supported$/,
    ],
    [
      'a schedule that is no rate',
      (stack) => new Rule(stack, 'R', { schedule: Schedule.cron({ minute: '0' }) }),
      /^Resources\/R\w+\/Properties\/ScheduleExpression: cron\(0 \* \* \* \? \*\) is not supported$/,
    ],
    [
      'an input transformer',
      (stack) =>
        new Rule(stack, 'R', {
          eventPattern: { source: ['a'] },
          targets: [
            new LambdaFunction(functionWithRole(stack, 'F', handler), {
              event: RuleTargetInput.fromObject({ id: EventField.eventId }),
            }),
          ],
        }),
      /^Resources\/R\w+\/Properties\/Targets\/0: InputTransformer is not supported$/,
    ],
    [
      'a substitution without a value',
      (stack) => new StateMachine(stack, 'M', { definitionBody: DefinitionBody.fromFile(definition) }),
      /^Resources\/M\w+\/Properties\/DefinitionS3Location: \$\{StartRenderArn\} has no value in DefinitionSubstitutions$/,
    ],
  ])('%s', (_, build, message) => {
    const directory = synthesize(folder.path, build);
    expect(() => readStack(directory)).toThrow(expect.objectContaining({ name: 'UnsupportedTemplate' }));
    expect(() => readStack(directory)).toThrow(message);
  });

  test.each([
    [
      'a type of resource',
      { Resources: { T: { Type: 'AWS::SNS::Topic' } } },
      'Resources/T: AWS::SNS::Topic is not supported',
    ],
    [
      'a reference to nothing',
      { Outputs: { O: { Value: { Ref: 'Nothing' } } } },
      'Outputs/O/Value/Ref: there is no resource Nothing',
    ],
    [
      'an attribute',
      {
        Resources: { B: { Type: 'AWS::S3::Bucket' } },
        Outputs: { O: { Value: { 'Fn::GetAtt': ['B', 'WebsiteURL'] } } },
      },
      'Outputs/O/Value/Fn::GetAtt: the attribute WebsiteURL of B is not supported',
    ],
    [
      'an import from another stack',
      { Outputs: { O: { Value: { 'Fn::ImportValue': 'Other' } } } },
      'Outputs/O/Value/Fn::ImportValue: the intrinsic function Fn::ImportValue is not supported',
    ],
    [
      'a parameter without a default',
      { Parameters: { P: { Type: 'String' } }, Outputs: { O: { Value: { Ref: 'P' } } } },
      'Outputs/O/Value/Ref: the parameter P has no value here, as it has no plain default',
    ],
    [
      'an asset that is not there',
      {
        Resources: {
          F: { Type: 'AWS::Lambda::Function', Properties: { Code: { S3Bucket: 'b', S3Key: 'k.zip' } } },
        },
      },
      'Resources/F/Properties/Code: k.zip is no asset of this cloud assembly',
    ],
  ])('%s', (_, template, message) => {
    expect(() => readStack(assemblyOf(folder.path, template))).toThrow(refusal(message));
  });

  test('a stack for a certain account or region', () => {
    const directory = assemblyOf(folder.path, {}, { environment: 'aws://111122223333/eu-west-1' });
    expect(() => readStack(directory)).toThrow('ByHand is synthesized for aws://111122223333/eu-west-1');
  });

  test('an assembly without the stack that is asked for', () => {
    const directory = assemblyOf(folder.path, {});
    expect(() => readCloudAssembly(directory, { endpoint: ENDPOINT, stackName: 'Other' })).toThrow(
      refusal('manifest.json: one stack is needed, found: none'),
    );
  });
});
