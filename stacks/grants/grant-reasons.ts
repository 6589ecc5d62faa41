import { isDeepStrictEqual } from 'node:util';
import { CfnResource } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';

/** Key of a resource's metadata in the template that holds the reasons of its grants. */
export const GRANT_REASONS = 'GrantReasons';

/** Why a statement is in a policy. */
export interface GrantReason {
  /** Of the statement; without it the reason is that of the statements without a Sid that have its actions. */
  readonly sid?: string;
  /** Actions, in which `*` stands for any text. */
  readonly actions: readonly string[];
  /** Why it is needed, and why a wildcard is in it. */
  readonly why: string;
  /** The statement of Remotion's user policy that it was narrowed from. */
  readonly from?: PublishedStatement;
}

/** A statement as Remotion publishes it. */
export interface PublishedStatement {
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/**
 * Puts the reasons of grants into the template, beside the resource that they belong to: the role, or the bucket,
 * queue, key or function that a resource policy is attached to. `npm run permissions` reads them there.
 */
export function explainGrants(construct: IConstruct, ...reasons: readonly GrantReason[]): void {
  const resource = construct.node.defaultChild;
  if (!CfnResource.isCfnResource(resource)) return;
  const known: GrantReason[] = resource.getMetadata(GRANT_REASONS) ?? [];
  const added = reasons
    .map(({ sid, actions, why, from }) => ({ sid, actions, why, from }))
    .filter((reason) => !known.some((other) => isDeepStrictEqual(other, reason)));
  resource.addMetadata(GRANT_REASONS, [...known, ...added]);
}
