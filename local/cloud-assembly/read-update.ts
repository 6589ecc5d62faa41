import { isDeepStrictEqual } from 'node:util';
import { buildLocalStack, type StackSource } from './build-local-stack.ts';
import type { LocalCustomResource, LocalStack } from './local-stack.ts';
import { type ReadCloudAssemblyOptions, readSource } from './read-cloud-assembly.ts';
import { type Template, UnsupportedTemplate } from './template.ts';

/**
 * The stack as CloudFormation changes it: what is new is made first, then all else is changed, and what is in the
 * template no more is deleted last.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
 */
export interface StackUpdate {
  /**
   * With what is new. Roles may what they may from now on, and what uses them is as before: the worst of the orders
   * that CloudFormation may choose.
   */
  readonly created: LocalStack;
  /** With all that has changed, and with what is to be deleted. */
  readonly changed: LocalStack;
  readonly final: LocalStack;
  readonly toCreate: readonly LocalCustomResource[];
  /** In the order in which they go: what depends on others before these. */
  readonly toDelete: readonly LocalCustomResource[];
}

type Resources = Template['Resources'];

/** What may differ between two versions of a stack here. */
const MAY_CHANGE: readonly (keyof LocalStack)[] = [
  'functions',
  'roles',
  'stateMachines',
  'customResources',
  'resourcePolicies',
  'outputs',
];

/**
 * Reads how the stack of one cloud assembly becomes that of another.
 * Throws UnsupportedTemplate for a change that the one-machine run does not do.
 */
export function readUpdate(
  from: string,
  to: string,
  { endpoint, ...options }: ReadCloudAssemblyOptions,
): StackUpdate {
  const [former, next] = [readSource(from, options), readSource(to, options)];
  const before = buildLocalStack({ ...former, endpoint });
  const final = buildLocalStack({ ...next, endpoint });
  checkUnchanged(before, final);
  const withBoth = (Resources: Resources): LocalStack =>
    buildLocalStack({
      name: next.name,
      template: { ...next.template, Resources },
      endpoint,
      assetPath: (objectKey, path) => assetOf(objectKey, path, [next, former]),
    });
  const [was, is] = [former.template.Resources, next.template.Resources];
  const policies = Object.entries(is).filter(([, { Type }]) => Type.startsWith('AWS::IAM::'));
  return {
    created: withBoth({ ...is, ...was, ...Object.fromEntries(policies) }),
    changed: withBoth({ ...was, ...is }),
    final,
    toCreate: onlyIn(final, before),
    toDelete: onlyIn(before, final).reverse(),
  };
}

function checkUnchanged(before: LocalStack, final: LocalStack): void {
  const names = ({ stateMachines }: LocalStack) => stateMachines.map(({ name }) => name);
  const parts = (Object.keys(final) as (keyof LocalStack)[]).filter((part) => !MAY_CHANGE.includes(part));
  const changed =
    parts.find((part) => !isDeepStrictEqual(before[part], final[part])) ??
    (isDeepStrictEqual(names(before), names(final)) ? undefined : 'stateMachines');
  if (changed)
    throw new UnsupportedTemplate('Resources', `a change of the stack's ${changed} is not supported`);
}

/** The custom resources that only one of two versions has. */
function onlyIn(one: LocalStack, other: LocalStack): LocalCustomResource[] {
  return one.customResources.filter((resource) => {
    const same = other.customResources.find(({ logicalId }) => logicalId === resource.logicalId);
    if (same && !isDeepStrictEqual(same.properties, resource.properties))
      throw new UnsupportedTemplate(
        `Resources/${resource.logicalId}`,
        'a change of a custom resource is not supported',
      );
    return !same;
  });
}

function assetOf(
  objectKey: string,
  path: string,
  [source, ...others]: readonly Pick<StackSource, 'assetPath'>[],
): string {
  if (!source) throw new UnsupportedTemplate(path, `${objectKey} is no asset of either cloud assembly`);
  try {
    return source.assetPath(objectKey, path);
  } catch {
    return assetOf(objectKey, path, others);
  }
}
