import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { taskRole } from '../../../examples/own-compute/container.ts';
import { instanceProfile } from '../../../examples/own-compute/ec2-instance.ts';
import { functionRole } from '../../../examples/own-compute/lambda-function.ts';
import type { RemotionStep } from '../../../stacks/grants/remotion-policy.ts';
import { newStack } from '../synthesize.ts';

const EXAMPLES = join(import.meta.dirname, '../../../examples/own-compute');

/** `Sid: actions` of the managed policy of a step. */
function policyOf(step: RemotionStep): string[] {
  const { stack, workflow } = newStack();
  workflow.renderPolicy(step);
  const [policy] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::ManagedPolicy'));
  return policy?.Properties.PolicyDocument.Statement.map(
    ({ Sid, Action }: { Sid: string; Action: string | string[] }) => `${Sid}: ${[Action].flat().join(', ')}`,
  );
}

describe('renderPolicy', () => {
  test.each<[RemotionStep, string[]]>([
    [
      'StartRender',
      ['StartRender: lambda:InvokeFunction', 'LargeInputProps: s3:GetObject, s3:PutObject, s3:PutObjectAcl'],
    ],
    ['GetRenderProgress', ['ReadProgress: s3:GetObject']],
    ['CopyToBucket', ['ReadVideo: s3:GetObject', 'WriteVideo: s3:PutObject, s3:GetObject']],
    ['CancelRender', ['ReadProgress: s3:GetObject', 'CancelRender: s3:PutObject, s3:PutObjectAcl']],
  ])(
    'of %s is what Remotion’s client needs for it, without what only the workflow needs',
    (step, statements) => {
      expect(policyOf(step)).toEqual(statements);
    },
  );

  test('is made once, however often it is asked for', () => {
    const { workflow } = newStack();
    expect(workflow.renderPolicy('StartRender')).toBe(workflow.renderPolicy('StartRender'));
  });

  test('is there only for those who ask', () => {
    Template.fromStack(newStack().stack).resourceCountIs('AWS::IAM::ManagedPolicy', 0);
  });

  test('goes to a function, an instance and a container, as the examples have it, and leaves cdk-nag nothing to find', () => {
    const { app, stack, workflow } = newStack();
    functionRole(workflow);
    instanceProfile(workflow);
    taskRole(workflow);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    expect(() => app.synth()).not.toThrow();
    const roles = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Role'))
      .filter(([id]) => id.includes('Own'))
      .map(([, { Properties }]) => Properties.ManagedPolicyArns.length);
    expect(roles).toEqual([2, 3, 1]);
  });

  test('is documented with these examples', () => {
    const page = readFileSync(join(EXAMPLES, '../../docs/other-accounts-and-compute.md'), 'utf8');
    for (const file of readdirSync(EXAMPLES)) {
      expect(page).toContain(`\`\`\`ts\n${readFileSync(join(EXAMPLES, file), 'utf8')}\`\`\``);
    }
  });
});
