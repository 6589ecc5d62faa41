import type { LoggedCall, PolicyStatement } from '../../local/aws.ts';
import { matchesPattern } from '../../local/iam/pattern.ts';
import { type ExplainedPolicies, type Grant, list } from '../../permissions/explained-statement.ts';
import type { ProvableMachine } from './provable-machine.ts';
import { runScenario } from './run-scenario.ts';
import type { Scenario } from './scenario.ts';

/** What became of the workflow without a grant; ARNs are spelled for people. */
export type NeededResult =
  /** The scenario fails, and the call that failed it was denied. */
  | {
      readonly kind: 'needed';
      readonly grant: string;
      readonly scenario: string;
      readonly failure: string;
      readonly denied: string;
    }
  /** Every scenario works without it. */
  | { readonly kind: 'not needed'; readonly grant: string };

/**
 * Takes a grant away and runs scenarios until one fails.
 *
 * @param scenarios those that use the grant
 */
export async function tryWithout<Machine extends ProvableMachine>(
  machine: Machine,
  grant: Grant,
  scenarios: readonly Scenario<Machine>[],
): Promise<NeededResult> {
  const { access, policies } = machine;
  const { holderArn } = grant.explained;
  for (const scenario of scenarios) {
    await machine.settle?.();
    access.replacePolicy(holderArn, statementsWithout(policies, grant));
    try {
      // What was allowed before, and is answered now, would do what is to fail.
      await machine.settle?.();
      const { length } = access.notTold;
      const { failure, calls } = await runScenario(machine, scenario);
      const denied = [...calls, ...access.notTold.slice(length)].find((call) => isDenied(call, grant));
      if (failure && denied)
        return {
          kind: 'needed',
          grant: grant.name,
          scenario: scenario.name,
          failure: policies.display(failure),
          denied: policies.display(describeCall(denied)),
        };
    } finally {
      access.replacePolicy(holderArn);
    }
  }
  return { kind: 'not needed', grant: grant.name };
}

export function describeCall({ principal, action, resource }: LoggedCall): string {
  return `${principal} ${action} ${resource}`;
}

/** Whether the call is one that the grant would have allowed. */
function isDenied({ decision, principal, action, resource }: LoggedCall, grant: Grant): boolean {
  const { kind, holderArn } = grant.explained;
  return (
    decision === 'Deny' &&
    action === grant.action &&
    matchesPattern(grant.resource, resource) &&
    (kind !== 'role' || principal === holderArn)
  );
}

/** All statements of the grant's holder, less the one action on the one resource. */
export function statementsWithout({ statements }: ExplainedPolicies, grant: Grant): PolicyStatement[] {
  return statements
    .filter(({ holderArn }) => holderArn === grant.explained.holderArn)
    .flatMap((explained) => {
      const { statement } = explained;
      if (explained !== grant.explained) return [statement];
      const actions = list(statement.Action).filter((action) => action !== grant.action);
      const resources = list(statement.Resource).filter((resource) => resource !== grant.resource);
      return [
        { ...statement, Action: actions },
        { ...statement, Action: grant.action, Resource: resources },
      ].filter(({ Action, Resource }) => list(Action).length > 0 && list(Resource).length > 0);
    });
}
