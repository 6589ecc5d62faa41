import { Template } from 'aws-cdk-lib/assertions';
import { Stack } from 'aws-cdk-lib/core';
import { RenderWorkflow } from '../../../stacks/render-workflow.ts';
import { RemotionRenderer, type RemotionRendererProps } from '../../../stacks/renderer/remotion-renderer.ts';
import { problemsOf } from '../synthesize.ts';
import { FUNCTION, newApp, newRenderer, synthesize } from './new-renderer.ts';

const template = synthesize();

describe('a function that is replaced', () => {
  const remotions = { Properties: { Description: 'Renders a Remotion video.' } };
  const idsOf = (from: Template) => Object.keys(from.findResources('AWS::Lambda::Function', remotions));

  test('is another resource, which CloudFormation deletes after what waits for its renders', () => {
    expect(idsOf(synthesize({ timeoutInSeconds: 300 }))).not.toEqual(idsOf(template));
    const [wait] = Object.values(template.findResources('Custom::RemotionFunctionInUse'));
    expect(wait?.DependsOn).toContain(idsOf(template)[0]);
  });

  test('may be invoked by StartRender until then: the policy for it is replaced, and goes after the wait', () => {
    const policyIn = (props: RemotionRendererProps) => {
      const { stack, renderer } = newRenderer(props);
      new RenderWorkflow(stack, 'RenderWorkflow', { renderer });
      const whole = Template.fromStack(stack);
      const [id = ''] = Object.keys(whole.findResources('AWS::IAM::Policy')).filter((each) =>
        /Invoke/.test(each),
      );
      const [start] = Object.entries(whole.findResources('AWS::Lambda::Function')).filter(([each]) =>
        /StartRender/.test(each),
      );
      const [wait] = Object.values(whole.findResources('Custom::RemotionFunctionInUse'));
      expect(start?.[1].DependsOn).toContain(id);
      expect(wait?.DependsOn).toContain(id);
      return id;
    };
    expect(policyIn({ timeoutInSeconds: 300 })).not.toBe(policyIn({}));
  });

  test.each([
    [240, [600]],
    [900, [840, 420]],
  ])(
    'is waited for six minutes longer than the %d seconds that a render may take: one may be in the queue of Lambda',
    (timeoutInSeconds, seconds) => {
      const waits = synthesize({ timeoutInSeconds }).findResources('Custom::RemotionFunctionInUse');
      expect(Object.values(waits).map(({ Properties }) => Properties.Seconds)).toEqual(seconds);
    },
  );
});

describe('two renderers of one size', () => {
  const env = { account: '123456789012', region: 'eu-west-1' };
  const problemsOfSecond = (first: Stack, second: Stack, props: RemotionRendererProps = {}) => {
    new RemotionRenderer(first, 'First');
    new RemotionRenderer(second, 'Second', props);
    return problemsOf(second);
  };

  test('in one place are an error that names the other, and of two sizes are none', () => {
    const refusal = new RegExp(
      `^DuplicateRenderer: One/First has ${FUNCTION} already, .* one renderer for both`,
    );
    const app = newApp();
    expect(problemsOfSecond(new Stack(app, 'One', { env }), new Stack(app, 'Two', { env }))).toMatch(refusal);
    const one = new Stack(newApp(), 'One');
    expect(problemsOfSecond(one, one)).toMatch(refusal);
    const other = new Stack(newApp(), 'One');
    expect(problemsOfSecond(other, other, { timeoutInSeconds: 241 })).toBe('');
  });

  test('in two places, or in places that are not known yet, are no error', () => {
    const app = newApp();
    const elsewhere = { ...env, region: 'us-east-1' };
    expect(problemsOfSecond(new Stack(app, 'One', { env }), new Stack(app, 'Two', { env: elsewhere }))).toBe(
      '',
    );
    expect(problemsOfSecond(new Stack(app, 'Three'), new Stack(app, 'Four'))).toBe('');
  });
});

test('a workflow in another stack is an error: it would not know the name of the bucket', () => {
  const { app, renderer } = newRenderer();
  const stack = new Stack(app, 'Workflow');
  new RenderWorkflow(stack, 'RenderWorkflow', { renderer });
  expect(problemsOf(stack)).toMatch(
    /^WrongStack: renderer is in the stack Videos, and the workflow is in Workflow\./,
  );
});
