import { Template } from 'aws-cdk-lib/assertions';
import { App, NestedStack, Stack } from 'aws-cdk-lib/core';
import { RenderWorkflow } from '../../stacks/render-workflow.ts';
import { bucketObjects, grantsOf } from './read-template.ts';
import { REMOTION_BUCKET, REMOTION_FUNCTION } from './synthesize.ts';

const newApp = () => new App({ context: { 'aws:cdk:bundling-stacks': [] } });

function addWorkflow(stack: Stack, id = 'Renders'): RenderWorkflow {
  return new RenderWorkflow(stack, id, {
    remotionFunctionName: REMOTION_FUNCTION,
    remotionBucketName: REMOTION_BUCKET,
  });
}

/** Where the functions of a stack keep the claims of their jobs. */
function prefixes(stack: Stack): string[] {
  const functions = Template.fromStack(stack).findResources('AWS::Lambda::Function');
  const found = Object.values(functions).map(
    ({ Properties }) => Properties.Environment?.Variables.JOBS_PREFIX,
  );
  return [...new Set<string>(found.filter((prefix) => prefix !== undefined))];
}

test('a workflow keeps its jobs apart from those of every other one on its Remotion bucket', () => {
  const two = new Stack(newApp(), 'Two');
  addWorkflow(two, 'Preview');
  addWorkflow(two, 'Final');
  const named = ['staging', 'production'].map((stackName) => new Stack(newApp(), 'One', { stackName }));
  for (const stack of named) addWorkflow(stack);
  const app = newApp();
  const nested = ['A', 'B'].map((id) => new NestedStack(new Stack(app, id), 'Nested'));
  for (const stack of nested) addWorkflow(stack);
  const all = [two, ...named, ...nested].flatMap(prefixes);
  expect(all).toHaveLength(6);
  expect(new Set(all).size).toBe(6);
});

test('and goes on with them when its stack is made again', () => {
  const [first, again] = [0, 1].map(() => {
    const stack = new Stack(newApp(), 'One');
    addWorkflow(stack);
    return prefixes(stack);
  });
  expect(first).toEqual(again);
  expect(first).toHaveLength(1);
});

test.each(['StartRender', 'CancelRender'])('%s may touch the claims of its own jobs only', (step) => {
  const stack = new Stack(newApp(), 'One');
  addWorkflow(stack);
  const [prefix] = prefixes(stack);
  const grants = grantsOf(Template.fromStack(stack), new RegExp(`${step}Role[0-9A-F]{8}$`));
  expect(grants.filter((grant) => grant.startsWith('s3:PutObject ') && grant.includes('jobs/'))).toEqual([
    `s3:PutObject ${bucketObjects(`${prefix}*`)}`,
  ]);
  expect(grants.filter((grant) => /s3:GetObject .*render-workflows/.test(grant))).toEqual([
    `s3:GetObject ${bucketObjects(`${prefix}*`)}`,
  ]);
  // Those of 0.1.0, which nobody writes any more.
  expect(grants.filter((grant) => grant.includes('render-jobs/'))).toEqual([
    `s3:GetObject ${bucketObjects('render-jobs/*')}`,
  ]);
});
