import type { LoggedCall, PolicyStatement } from '../../local/aws.ts';
import { matchesPattern } from '../../local/iam/pattern.ts';
import type { OneMachine } from '../../local/one-machine.ts';
import { whyNotExercised } from '../../permissions/exercised-by.ts';
import { type ExplainedPolicies, type Grant, grantsOf, list } from '../../permissions/explained-statement.ts';
import type { ScenarioRun } from './run-scenario.ts';
import { runScenario } from './run-scenario.ts';
import type { Scenario } from './scenario.ts';
import { callsOf } from './used-grants.ts';

/** What became of the workflow without a grant. */
export type NeededResult =
  /** The scenario fails, and the call that failed it was denied. */
  | {
      readonly kind: 'needed';
      readonly grant: Grant;
      readonly scenario: Pick<Scenario, 'name'>;
      readonly failure: string;
      readonly denied: LoggedCall;
    }
  /** Nothing on this machine uses the grant. */
  | { readonly kind: 'not exercised'; readonly grant: Grant; readonly why: string }
  /** Every scenario works without it. */
  | { readonly kind: 'not needed'; readonly grant: Grant };

/** The scenarios that use a grant. */
export function scenariosOf<Machine>(
  grant: Grant,
  runs: readonly ScenarioRun<Machine>[],
): Scenario<Machine>[] {
  return runs.filter(({ calls }) => callsOf(grant, calls).length > 0).map(({ scenario }) => scenario);
}

/** Takes each grant away in turn and runs the scenarios that use it, until one fails. */
export async function* proveNeeded<Machine extends Pick<OneMachine, 'calls' | 'access'>>(
  machine: Machine,
  policies: ExplainedPolicies,
  runs: readonly ScenarioRun<Machine>[],
): AsyncGenerator<NeededResult> {
  for (const grant of grantsOf(policies)) {
    const why = whyNotExercised(grant);
    if (why) yield { kind: 'not exercised', grant, why };
    else yield await tryWithout(machine, policies, grant, scenariosOf(grant, runs));
  }
}

async function tryWithout<Machine extends Pick<OneMachine, 'calls' | 'access'>>(
  machine: Machine,
  policies: ExplainedPolicies,
  grant: Grant,
  scenarios: readonly Scenario<Machine>[],
): Promise<NeededResult> {
  const { holderArn } = grant.explained;
  machine.access.replacePolicy(holderArn, statementsWithout(policies, grant));
  try {
    for (const scenario of scenarios) {
      const { length } = machine.access.notTold;
      const { failure, calls } = await runScenario(machine, scenario);
      const denied = [...calls, ...machine.access.notTold.slice(length)].find((call) =>
        isDenied(call, grant),
      );
      if (failure && denied) return { kind: 'needed', grant, scenario, failure, denied };
    }
    return { kind: 'not needed', grant };
  } finally {
    machine.access.replacePolicy(holderArn);
  }
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
