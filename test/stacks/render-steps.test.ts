import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { LONGEST_STAY_IN_SECONDS } from '../../functions/get-render-progress/follow-render.ts';
import { RenderWorkflow } from '../../stacks/render-workflow.ts';
import { only } from './read-template.ts';
import {
  newStack,
  problemsOf,
  problemsWith,
  REMOTION_BUCKET,
  REMOTION_FUNCTION,
  synthesize,
} from './synthesize.ts';

let template: Template;
beforeAll(() => {
  template = synthesize();
});

describe('the functions', () => {
  test('run on Node.js 24 on arm64 with X-Ray on, each with a log group that does not keep logs for ever', () => {
    template.resourceCountIs('AWS::Lambda::Function', 5);
    template.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      TracingConfig: { Mode: 'Active' },
      LoggingConfig: { LogGroup: Match.anyValue() },
    });
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
  });

  test('end before the state machine gives them up', () => {
    const { States } = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../statemachine/render-workflow.asl.json'), 'utf8'),
    );
    for (const step of ['StartRender', 'GetRenderProgress', 'CopyToBucket', 'CancelRender']) {
      const timeout = only(template, 'AWS::Lambda::Function', new RegExp(`${step}Function`))
        .Timeout as number;
      expect(States[step].TimeoutSeconds).toBeGreaterThan(timeout);
    }
  });

  test('GetRenderProgress has time for the longest stay, and the state machine for GetRenderProgress', () => {
    const configured = synthesize({ maxSecondsBetweenUpdates: '900' });
    const [progress] = Object.entries(configured.findResources('AWS::Lambda::Function')).filter(([id]) =>
      id.includes('GetRenderProgress'),
    );
    const { Timeout, Environment } = progress?.[1].Properties ?? {};
    expect(Environment.Variables.MAX_SECONDS_BETWEEN_UPDATES).toBe('900');
    expect(Timeout).toBeGreaterThan(LONGEST_STAY_IN_SECONDS + 30);
    const definition = readFileSync(
      join(import.meta.dirname, '../../statemachine/render-workflow.asl.json'),
      'utf8',
    );
    expect(JSON.parse(definition).States.GetRenderProgress.TimeoutSeconds).toBeGreaterThan(Timeout);
  });

  test.each(['1', '901', '0.5', 'often'])('refuse %s as maxSecondsBetweenUpdates', (value) => {
    expect(problemsWith({ maxSecondsBetweenUpdates: value })).toContain('from 2 to 900');
  });

  test('know the Remotion function, the bucket and the destination by name', () => {
    expect(only(template, 'AWS::Lambda::Function', /StartRender/).Environment).toMatchObject({
      Variables: {
        REMOTION_FUNCTION_NAME: REMOTION_FUNCTION,
        REMOTION_BUCKET_NAME: REMOTION_BUCKET,
        DESTINATION_BUCKET_NAMES: { Ref: expect.stringContaining('Videos') },
      },
    });
  });
});

test('StartRender carries the version of the package, and of the Remotion client that it has', () => {
  const versionOf = (name: string): string => createRequire(import.meta.url)(name).version;
  expect(only(template, 'AWS::Lambda::Function', /StartRender/).Environment).toMatchObject({
    Variables: {
      WORKFLOW_VERSION: versionOf('../../package.json'),
      REMOTION_CLIENT_VERSION: versionOf('@remotion/lambda/package.json'),
    },
  });
});

test("the stack's limit of a render's cost reaches the function that starts renders", () => {
  synthesize({ maxCostInUsd: 0.25 }).hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: Match.objectLike({ MAX_COST_IN_USD: '0.25' }) },
  });
  const props = {
    remotionFunctionName: REMOTION_FUNCTION,
    remotionBucketName: REMOTION_BUCKET,
    maxCostInUsd: 0,
  };
  const { stack } = newStack();
  new RenderWorkflow(stack, 'Cheap', props);
  expect(problemsOf(stack)).toContain('InvalidAmount: maxCostInUsd is 0');
});
