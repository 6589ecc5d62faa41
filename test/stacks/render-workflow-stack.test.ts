import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { Bucket, CfnBucket } from 'aws-cdk-lib/aws-s3';
import { CloudFormationValidatePlugin, Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { RenderWorkflowStack } from '../../stacks/render-workflow-stack.ts';
import { only, spell } from './read-template.ts';
import { newStack, problemsOf, problemsWith, synthesize } from './synthesize.ts';

const EXAMPLE_EVENT = join(import.meta.dirname, '../../examples/hello-world/event.json');

let template: Template;
beforeAll(() => {
  template = synthesize();
});

describe('the state machine', () => {
  test('is the definition file with the ARNs of its functions filled in', () => {
    const properties = only(template, 'AWS::StepFunctions::StateMachine');
    const file = readFileSync(
      join(import.meta.dirname, '../../statemachine/render-workflow.asl.json'),
      'utf8',
    );
    expect(properties.DefinitionString).toBe(file);
    const substitutions = Object.keys(properties.DefinitionSubstitutions as object);
    expect(substitutions.sort()).toEqual([...new Set(file.match(/(?<=\$\{)\w+(?=\})/g))].sort());
  });

  test('logs everything but the data, which holds props, and traces', () => {
    expect(only(template, 'AWS::StepFunctions::StateMachine')).toMatchObject({
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
      TracingConfiguration: { Enabled: true },
    });
  });
});

describe('the outputs', () => {
  test('give what a person needs to start a render', () => {
    const outputs = template.findOutputs('*');
    expect(Object.keys(outputs).sort()).toEqual([
      'CopyToBucketRoleArn',
      'DestinationBucketName',
      'EventBusName',
      'StartExecutionCommand',
      'StateMachineArn',
    ]);
    expect(spell(outputs.StartExecutionCommand?.Value)).toMatch(
      /^aws stepfunctions start-execution --state-machine-arn <.+> --input '\{"render":.+\}'$/,
    );
  });
});

test("the example's event goes to the bus of the app's stack", () => {
  const [entry] = JSON.parse(readFileSync(EXAMPLE_EVENT, 'utf8'));
  expect(only(template, 'AWS::Events::EventBus').Name).toBe(entry.EventBusName);
});

describe('without any context', () => {
  const whole = newStack({ remotionFunctionName: undefined, remotionBucketName: undefined });
  const template = Template.fromStack(whole.stack);
  const [functionName] = Object.values(template.findResources('AWS::Lambda::Function'))
    .map(({ Properties }) => Properties.FunctionName)
    .filter(Boolean);

  test("the stack is whole: Remotion's function, its bucket, the site of the example, and the workflow with them", () => {
    expect(functionName).toMatch(/^remotion-render-4-0-527-/);
    template.resourceCountIs('Custom::RemotionSite', 1);
    const [startRender] = Object.entries(template.findResources('AWS::Lambda::Function'))
      .filter(([id]) => /StartRenderFunction/.test(id))
      .map(([, { Properties, DependsOn }]) => ({ ...Properties.Environment.Variables, DependsOn }));
    expect(startRender).toMatchObject({
      REMOTION_FUNCTION_NAME: functionName,
      DEFAULT_SERVE_URL: 'hello-world',
      SITE_FOLDERS: expect.stringMatching(/^\{"hello-world":"hello-world-[0-9a-f]{10}"\}$/),
      DependsOn: expect.arrayContaining([expect.stringMatching(/^Rendererhelloworld.*Files/)]),
    });
    expect(spell(startRender?.REMOTION_BUCKET_NAME)).toMatch(
      /^remotionlambda-[0-9a-f]{6}--<AccountId>-<Region>-an$/,
    );
  });

  test('the outputs also say what was made, and the command needs no site', () => {
    const outputs = template.findOutputs('*');
    expect(Object.keys(outputs)).toEqual(
      expect.arrayContaining(['RemotionFunctionName', 'RemotionBucketName', 'SiteUrl']),
    );
    expect(spell(outputs.StartExecutionCommand?.Value)).not.toContain('serveUrl');
  });
});

describe('the context', () => {
  test.each([
    ['remotionFunctionName', undefined, 'remotionFunctionName is missing beside remotionBucketName'],
    ['remotionBucketName', undefined, 'remotionBucketName is missing beside remotionFunctionName'],
    ['remotionFunctionName', 'my-function', 'remotionFunctionName is "my-function"'],
    ['remotionBucketName', 'my-bucket', 'remotionBucketName is "my-bucket"'],
    ['destinationBucketName', 'My_Bucket', 'destinationBucketName is "My_Bucket"'],
    ['versionedDestination', 'perhaps', 'versionedDestination is "perhaps"'],
    ['maxCostInUsd', '0.00', 'maxCostInUsd is "0.00"; expected a number of USD greater than 0'],
    ['maxCostInUsd', '-1', 'maxCostInUsd is "-1"'],
  ])('%s = %s stops the synth and says what is expected', (name, value, message) => {
    const problems = problemsWith({ [name]: value });
    expect(problems).toMatch(/^InvalidContext: /);
    expect(problems).toContain(message);
  });

  test('that is missing stops no command that needs no template: the app ends well, with an error of its stack', () => {
    const { app, stack } = newStack({ remotionFunctionName: undefined });
    expect(app.synth().stacks.map(({ stackName }) => stackName)).toEqual(['RemotionStepFunctions']);
    expect(problemsOf(stack)).toMatch(/remotionFunctionName is missing/);
  });

  test('a missing function name comes with the command that finds it', () => {
    expect(problemsWith({ remotionFunctionName: undefined })).toContain('npx remotion lambda functions ls');
  });

  test('every wrong value is named at once', () => {
    expect(problemsWith({ remotionFunctionName: 'a', remotionBucketName: 'b' })).toMatch(
      /remotionFunctionName is "a"[\s\S]*remotionBucketName is "b"/,
    );
  });
});

describe("cdk-nag's AwsSolutions pack", () => {
  const synthesizeChecked = (
    change: (stack: RenderWorkflowStack) => void = () => {},
    context: Record<string, unknown> = {},
  ) => {
    const { app, stack } = newStack(context);
    change(stack);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    return app.synth();
  };

  test('finds nothing in the stack', () => {
    expect(() => synthesizeChecked()).not.toThrow();
  });

  test('finds nothing in the stack with a renderer', () => {
    const context = { remotionFunctionName: undefined, remotionBucketName: undefined };
    expect(() => synthesizeChecked(undefined, context)).not.toThrow();
  });

  test("would find a bucket without the stack's precautions", () => {
    expect(() => synthesizeChecked((stack) => new Bucket(stack, 'Careless'))).toThrow(
      expect.objectContaining({ name: 'ValidationFailed' }),
    );
  });
});

describe("CloudFormation's own rules, by which the CDK goes when the app is deployed,", () => {
  const EVERYTHING = {
    renderQueue: 'true',
    renderApi: 'true',
    dashboard: 'true',
    deleteSource: 'true',
    destinationTags: 'true',
    alarmTopicArn: 'arn:aws:sns:us-east-1:123456789012:on-call',
    maxSpendPerDayInUsd: '20',
  };
  const synthesizeValidated = (
    change: (stack: RenderWorkflowStack) => void = () => {},
    context: Record<string, unknown> = {},
  ) => {
    const { app, stack } = newStack({
      ...context,
      ...EVERYTHING,
      '@aws-cdk/core:validateAgainstDefaultRules': true,
    });
    change(stack);
    Validations.of(app).addPlugins(new CloudFormationValidatePlugin());
    return app.synth();
  };

  test('find nothing in the stack with every part that it can have', () => {
    expect(() => synthesizeValidated()).not.toThrow();
  });

  test('find nothing in the stack with a renderer', () => {
    const context = { remotionFunctionName: undefined, remotionBucketName: undefined };
    expect(() => synthesizeValidated(undefined, context)).not.toThrow();
  });

  test('would find a property that there is not', () => {
    const careless = (stack: RenderWorkflowStack) =>
      new CfnBucket(stack, 'Careless').addPropertyOverride('Colour', 'red');
    expect(() => synthesizeValidated(careless)).toThrow(
      expect.objectContaining({ name: 'ValidationFailed' }),
    );
  });
});
