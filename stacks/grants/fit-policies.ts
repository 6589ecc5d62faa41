import { ManagedPolicy, type Role } from 'aws-cdk-lib/aws-iam';
import { Annotations, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { explainGrants } from './grant-reasons.ts';
import { acknowledgeWildcards, type StepGrant, toPolicyStatement } from './step-grant.ts';

/**
 * Limits of IAM, in characters without white space: of a role's inline policies together, less what else a step's
 * role has, and of one managed policy, less its frame; and how many managed policies a role takes by default.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const INLINE_LIMIT = 10_240 - 1_500;
const MANAGED_LIMIT = 6_144 - 40;
const MAX_MANAGED_POLICIES = 10;

/** Lengths that references come out with at most: a bucket's name has 63 characters, an ARN of it or of a key 90. */
const LONGEST_REFERENCE = 90;
const LONGEST: Readonly<Record<string, number>> = {
  'AWS::AccountId': 12,
  'AWS::Partition': 10,
  'AWS::Region': 14,
  'AWS::URLSuffix': 17,
};

/** Grants by the name of their policy. */
export type PolicyGrants = Readonly<Record<string, readonly StepGrant[]>>;

/**
 * Tells the policies that fit into a role's inline policies from the grants that need managed ones.
 *
 * @param others Grants that the role has inline in any case.
 */
export function fitInline(
  scope: Construct,
  policies: PolicyGrants,
  others: readonly StepGrant[] = [],
): { inline: PolicyGrants; rest: StepGrant[] } {
  let size = others.reduce((sum, grant) => sum + sizeOf(scope, grant), 0);
  const inline: Record<string, readonly StepGrant[]> = {};
  const rest: StepGrant[] = [];
  for (const [name, grants] of Object.entries(policies)) {
    const grown = grants.reduce((sum, grant) => sum + sizeOf(scope, grant), size);
    if (grown > INLINE_LIMIT) rest.push(...grants);
    else {
      inline[name] = grants;
      size = grown;
    }
  }
  return { inline, rest };
}

/** Gives grants to a role in as few managed policies as hold them. */
export function grantByManagedPolicies(role: Role, grants: readonly StepGrant[]): void {
  const parts: StepGrant[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const grant of grants) {
    const more = sizeOf(role, grant);
    if (size + more > MANAGED_LIMIT) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push(grant);
    size += more;
  }
  // Below the role, so that the function, which waits for all of the role, is not there before them.
  for (const [i, part] of parts.entries()) {
    const policy = new ManagedPolicy(role, `Policy${i + 1}`, {
      description: `Part ${i + 1} of ${parts.length} of what ${role.node.path} may do.`,
      statements: part.map(toPolicyStatement),
      roles: [role],
    });
    for (const grant of part) acknowledgeWildcards(policy, grant);
    explainGrants(policy, ...part);
  }
  if (parts.length > MAX_MANAGED_POLICIES)
    Annotations.of(role).addError(
      `PolicyTooLarge: What the role may do fills ${parts.length} managed policies, and a role takes ${MAX_MANAGED_POLICIES}. Name fewer destination buckets, or fewer with keys of their own.`,
    );
}

/** Characters of a statement, as long as it can come out. */
function sizeOf(scope: Construct, grant: StepGrant): number {
  const statement = Stack.of(scope).resolve(toPolicyStatement(grant).toStatementJson());
  return JSON.stringify(atLongest(statement)).length + 1;
}

function atLongest(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(atLongest);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [name = '', argument] = entries[0] ?? [];
  if (name === 'Fn::Join') return argument[1].map(atLongest).join(argument[0]);
  if (name === 'Ref' || name.startsWith('Fn::')) return 'x'.repeat(LONGEST[argument] ?? LONGEST_REFERENCE);
  return Object.fromEntries(entries.map(([key, item]) => [key, atLongest(item)]));
}
