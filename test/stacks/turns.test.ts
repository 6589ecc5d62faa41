import type { Template } from 'aws-cdk-lib/assertions';
import { Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { bucketObjects, grantsOf, only } from './read-template.ts';
import { newStack, problemsOf, problemsWith, synthesize } from './synthesize.ts';

const TURNS = 'render-workflows/RemotionStepFunctions-RenderWorkflow-52872822/turns/';

let template: Template;
beforeAll(() => {
  template = synthesize({ maxConcurrentRenders: '50' });
});

const turnsOf = (role: RegExp, of = template) =>
  grantsOf(of, role)
    .filter((grant) => grant.includes('/turns/'))
    .sort();
const HANDS_OUT = [
  `s3:DeleteObject ${bucketObjects(`${TURNS}waiting/*`)}`,
  `s3:GetObject ${bucketObjects(`${TURNS}register.json`)}`,
  `s3:GetObject ${bucketObjects(`${TURNS}waiting/*`)}`,
];

test('without a limit no function has anything to do with turns but the sweep', () => {
  const without = synthesize();
  expect(Object.keys(without.findResources('AWS::Lambda::Function')).join()).not.toContain('AwaitTurn');
  for (const step of ['StartRender', 'GetRenderProgress', 'CancelRender'])
    expect(turnsOf(new RegExp(`${step}Role[0-9A-F]{8}$`), without)).toEqual([]);
  expect(only(without, 'AWS::Events::Rule', /Sweep/).ScheduleExpression).toBe('rate(5 minutes)');
});

test('with a limit the functions know it, and the sweep comes every minute', () => {
  for (const step of ['AwaitTurn', 'StartRender', 'GetRenderProgress', 'CancelRender', 'SweepRenders'])
    expect(only(template, 'AWS::Lambda::Function', new RegExp(`${step}Function`)).Environment).toMatchObject({
      Variables: { MAX_CONCURRENT_RENDERS: '50', TURNS_PREFIX: TURNS },
    });
  expect(only(template, 'AWS::Events::Rule', /Sweep/).ScheduleExpression).toBe('rate(1 minute)');
});

test('each role may do with the turns what its function does, and nothing more', () => {
  const write = `s3:PutObject ${bucketObjects(`${TURNS}register.json`)}`;
  expect(turnsOf(/StartRenderRole[0-9A-F]{8}$/)).toEqual([
    `s3:GetObject ${bucketObjects(`${TURNS}register.json`)}`,
    write,
  ]);
  for (const step of ['GetRenderProgress', 'CancelRender'])
    expect(turnsOf(new RegExp(`${step}Role[0-9A-F]{8}$`))).toEqual(
      expect.arrayContaining([...HANDS_OUT, write]),
    );
  expect(turnsOf(/AwaitTurnRole[0-9A-F]{8}$/)).toContain(
    `s3:PutObject ${bucketObjects(`${TURNS}waiting/*`)}`,
  );
  expect(turnsOf(/CopyToBucketRole[0-9A-F]{8}$/)).toEqual([]);
});

test.each(['0', '1001', '2.5', 'many'])('refuses %s as maxConcurrentRenders', (value) => {
  expect(problemsWith({ maxConcurrentRenders: value })).toContain('from 1 to 1000');
});

test('has a reason for every finding of cdk-nag', () => {
  const { app, stack } = newStack({ maxConcurrentRenders: '50' });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
  expect(problemsOf(stack)).toBe('');
});
