import type { Template } from 'aws-cdk-lib/assertions';
import { REMOTION_BUCKET } from './synthesize.ts';

export interface Statement {
  Action: string | string[];
  Resource: unknown;
  Effect: string;
  Condition?: Record<string, Record<string, unknown>>;
}

/** Properties of the one resource of a type whose logical id fits. */
export function only(template: Template, type: string, name = /./): Record<string, unknown> {
  const found = Object.entries(template.findResources(type)).filter(([id]) => name.test(id));
  expect(found.map(([id]) => id)).toHaveLength(1);
  return found[0]?.[1].Properties;
}

/** Every statement of a role: inline and attached. */
export function statementsOf(template: Template, roleId: RegExp): Statement[] {
  const [id] = Object.keys(template.findResources('AWS::IAM::Role')).filter((key) => roleId.test(key));
  const role = template.findResources('AWS::IAM::Role')[id ?? ''];
  const attached = Object.values(template.findResources('AWS::IAM::Policy')).filter((policy) =>
    policy.Properties.Roles.some(({ Ref }: { Ref: string }) => Ref === id),
  );
  const inline: { PolicyDocument: { Statement: Statement[] } }[] = role?.Properties.Policies ?? [];
  return [
    ...inline.flatMap((policy) => policy.PolicyDocument.Statement),
    ...attached.flatMap((policy) => policy.Properties.PolicyDocument.Statement as Statement[]),
  ];
}

/** Spells `Fn::Join`ed ARNs as one text, and references as `<Name>`. */
export function spell(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(spell);
  if (typeof value !== 'object' || value === null) return value;
  const reference = value as { Ref?: string; 'Fn::GetAtt'?: string[]; 'Fn::Join'?: [string, unknown[]] };
  if (reference.Ref) return `<${reference.Ref.replace('AWS::', '')}>`;
  if (reference['Fn::GetAtt']) return `<${reference['Fn::GetAtt'].join('.')}>`.replaceAll(/[0-9A-F]{8}/g, '');
  return (reference['Fn::Join']?.[1] ?? []).map(spell).join('');
}

/** `action resource` of each grant of a role, then its condition, if it has one beside the account of a bucket. */
export const grantsOf = (template: Template, roleId: RegExp): string[] =>
  statementsOf(template, roleId).flatMap(({ Action, Resource, Condition }) =>
    [Action].flat().flatMap((action) =>
      [spell(Resource)].flat().map((resource) => {
        const spelled = JSON.stringify(Condition ?? {}).replace(
          /,?"StringEquals":\{"aws:ResourceAccount":\{[^}]*\}\}/,
          '',
        );
        const condition = spelled === '{}' ? '' : ` if ${spelled}`;
        return `${action} ${resource}${condition}`;
      }),
    ),
  );

export const bucketObjects = (pattern: string): string =>
  `arn:<Partition>:s3:::${REMOTION_BUCKET}/${pattern}`;
export const listing = (...prefixes: string[]): string =>
  `s3:ListBucket arn:<Partition>:s3:::${REMOTION_BUCKET} if {"StringLike":{"s3:prefix":${JSON.stringify(prefixes)}}}`;

/** The grant to publish events of these types, as `grantsOf` spells it. */
export const publishing = (...detailTypes: string[]) =>
  `events:PutEvents <RenderWorkflowEventBus.Arn> if ${JSON.stringify({
    'ForAllValues:StringEquals': {
      'events:source': 'remotion-step-functions',
      'events:detail-type': detailTypes,
    },
    Null: { 'events:source': 'false', 'events:detail-type': 'false' },
  })}`;
