import { type ExercisedBy, whyNotExercised } from './exercised-by.ts';
import { type ExplainedPolicies, grantsOf } from './explained-statement.ts';

/** The permissions page for machines: the roles with their grants one by one, and the resource policies. */
export function permissionsAsJson(policies: ExplainedPolicies, exercisedBy: ExercisedBy): object {
  const { roles, statements, display } = policies;
  const grants = grantsOf(policies);
  const spelled = <T>(value: T): T => JSON.parse(display(JSON.stringify(value)));
  return {
    roles: roles.map(({ name, arn, trust, boundaryArn }) => ({
      role: name,
      trust: spelled(trust),
      ...(boundaryArn && { boundaryArn }),
      grants: grants
        .filter(({ explained }) => explained.holderArn === arn)
        .map((grant) => ({
          action: grant.action,
          resource: display(grant.resource),
          ...(grant.explained.statement.Condition && {
            condition: spelled(grant.explained.statement.Condition),
          }),
          why: grant.explained.why ?? null,
          remotionStatement: grant.explained.from ?? null,
          exercisedBy: exercisedBy[grant.name] ?? null,
          ...(whyNotExercised(grant) && { notExercised: whyNotExercised(grant) }),
        })),
    })),
    resourcePolicies: statements
      .filter(({ kind }) => kind === 'resource policy')
      .map(({ holder, statement, why }) => ({ of: holder, statement: spelled(statement), why: why ?? null })),
  };
}
