import type { PolicyStatement } from '../local/aws.ts';
import type { PublishedStatement } from '../stacks/grants/grant-reasons.ts';

/** One statement of a policy in the template, its references resolved, and its reason. */
export interface ExplainedStatement {
  /** The role or managed policy, or what a resource policy is attached to: its name in the tables. */
  readonly holder: string;
  readonly kind: 'role' | 'managed policy' | 'resource policy';
  /** Of the role or managed policy, or of what a resource policy is attached to. */
  readonly holderArn: string;
  readonly statement: PolicyStatement;
  /** Undefined where nobody has given a reason. */
  readonly why: string | undefined;
  /** The statement of Remotion's user policy that it was narrowed from. */
  readonly from?: PublishedStatement;
}

/** Who may assume a role, and on behalf of what. */
export interface ExplainedRole {
  readonly name: string;
  readonly arn: string;
  readonly trust: readonly PolicyStatement[];
  readonly boundaryArn?: string;
}

/** All that the policies of a template say. */
export interface ExplainedPolicies {
  readonly roles: readonly ExplainedRole[];
  readonly statements: readonly ExplainedStatement[];
  /** Spells an ARN for people: `<Videos>/*` for the objects of the stack's bucket of that name. */
  display(text: string): string;
}

/** One action on one resource that a role is allowed, or that a resource policy allows a service. */
export interface Grant {
  readonly explained: ExplainedStatement;
  readonly action: string;
  readonly resource: string;
  /** `StartRender/LargeInputProps s3:GetObject <resource>`: the same in every synthesis. */
  readonly name: string;
}

/** The grants of roles and of resource policies, one by one. */
export function grantsOf({ statements, display }: ExplainedPolicies): Grant[] {
  return statements
    .filter(({ kind, statement }) => kind !== 'managed policy' && statement.Effect === 'Allow')
    .flatMap((explained) =>
      list(explained.statement.Action).flatMap((action) =>
        list(explained.statement.Resource).map((resource) => ({
          explained,
          action,
          resource,
          name: `${nameOf(explained)} ${action} ${display(resource)}`,
        })),
      ),
    );
}

function nameOf({ holder, statement }: ExplainedStatement): string {
  return statement.Sid ? `${holder}/${statement.Sid}` : holder;
}

/** The values of a policy's element, which is one or a list. */
export function list(value: string | string[] | undefined): string[] {
  return value === undefined ? [] : [value].flat();
}
