import { Template } from 'aws-cdk-lib/assertions';
import { AspectPriority, Aspects, CfnResource, Validations } from 'aws-cdk-lib/core';
import { newStack } from '../synthesize.ts';

type Suppression = { id: string; reason: string; applies_to?: string[] };

/** What cdk-nag 2 reads of each resource, by logical id. */
function suppressionsOf(template: Template): Record<string, Suppression[]> {
  const { Resources } = template.toJSON() as {
    Resources: Record<string, { Metadata?: { cdk_nag?: { rules_to_suppress: Suppression[] } } }>;
  };
  return Object.fromEntries(
    Object.entries(Resources).map(([id, { Metadata }]) => [id, Metadata?.cdk_nag?.rules_to_suppress ?? []]),
  );
}

const find = (all: Record<string, Suppression[]>, pattern: RegExp) =>
  Object.entries(all).find(([id]) => pattern.test(id))?.[1] ?? [];

test('what is acknowledged of a role, cdk-nag 2 reads of the role and of the policy that it gets later', () => {
  const all = suppressionsOf(Template.fromStack(newStack().stack));
  const everywhere = expect.objectContaining({ id: 'AwsSolutions-IAM5', applies_to: ['Resource::*'] });
  expect(find(all, /StartRenderRole[0-9A-F]{8}$/)).toContainEqual(everywhere);
  expect(find(all, /StartRenderRoleDefaultPolicy/)).toContainEqual(everywhere);
});

test('a rule without findings is told whole, and nothing where nothing is acknowledged', () => {
  const all = suppressionsOf(Template.fromStack(newStack().stack));
  expect(find(all, /RenderRequestedDeadLetters[0-9A-F]{8}$/)).toEqual([
    { id: 'AwsSolutions-SQS3', reason: 'This queue is a dead-letter queue.' },
  ]);
  expect(find(all, /StateMachine[0-9A-F]{8}$/)).toEqual([]);
});

test('what an app has told cdk-nag 2 itself, and acknowledges around the workflow, is kept', () => {
  const { stack } = newStack();
  Validations.of(stack).acknowledge({ id: 'AwsSolutions-SF1', reason: 'Ours to say.' });
  const told = { id: 'AwsSolutions-SF2', reason: 'Told already.' };
  Aspects.of(stack).add(
    {
      visit(node) {
        if (CfnResource.isCfnResource(node) && node.cfnResourceType === 'AWS::StepFunctions::StateMachine')
          node.addMetadata('cdk_nag', { rules_to_suppress: [told] });
      },
    },
    { priority: AspectPriority.MUTATING - 1 },
  );
  expect(find(suppressionsOf(Template.fromStack(stack)), /StateMachine[0-9A-F]{8}$/)).toEqual([
    told,
    { id: 'AwsSolutions-SF1', reason: 'Ours to say.' },
  ]);
});
