import type { PolicyStatement } from '../local/aws.ts';
import { permissionStatement } from '../local/cloud-assembly/build-local-stack.ts';
import { assignPhysicalIds, type LocalResource } from '../local/cloud-assembly/physical-ids.ts';
import { openCloudAssembly } from '../local/cloud-assembly/read-cloud-assembly.ts';
import { UnsupportedTemplate } from '../local/cloud-assembly/template.ts';
import { matchesPattern } from '../local/iam/pattern.ts';
import { functionArn } from '../local/lambda/function-configuration.ts';
import { GRANT_REASONS, type GrantReason } from '../stacks/grants/grant-reasons.ts';
import { displayNames } from './display-names.ts';
import { type ExplainedPolicies, type ExplainedStatement, list } from './explained-statement.ts';

interface Resource extends LocalResource {
  readonly logicalId: string;
  readonly type: string;
  readonly reasons: readonly GrantReason[];
  // biome-ignore lint/suspicious/noExplicitAny: their shape is CloudFormation's, which the CDK has checked.
  readonly properties: any;
}

/** Statements with what they are attached to. */
interface AttachedPolicy {
  readonly to: Resource;
  readonly kind: ExplainedStatement['kind'];
  readonly statements: readonly PolicyStatement[];
}

/**
 * Reads every policy of a synthesized stack, with the reasons that the template gives.
 *
 * @param directory a folder that `cdk synth` has written
 * @throws UnsupportedTemplate for a resource with a policy that is not read here
 */
export function readPolicies(directory: string, stackName?: string): ExplainedPolicies {
  const { name: stack, template } = openCloudAssembly(directory, stackName);
  const { resolver, resource } = assignPhysicalIds(template, stack, 'http://127.0.0.1');
  const resources: Resource[] = Object.entries(template.Resources).map(
    ([logicalId, { Type, Properties = {}, Metadata }]) => {
      const path = `Resources/${logicalId}`;
      return {
        ...resource(logicalId, path),
        logicalId,
        type: Type,
        properties: resolver.resolve(Properties, `${path}/Properties`),
        reasons: (resolver.resolve(Metadata?.[GRANT_REASONS] ?? [], path) ?? []) as GrantReason[],
      };
    },
  );
  const names = displayNames(resources, remotionNames(resources));
  const roles = resources.filter(({ type }) => type === 'AWS::IAM::Role');
  return {
    roles: roles.map((role) => ({
      name: names.nameOf(role.logicalId),
      arn: role.attributes.Arn ?? '',
      trust: statementsOf(role.properties.AssumeRolePolicyDocument),
      ...(role.properties.PermissionsBoundary && { boundaryArn: role.properties.PermissionsBoundary }),
    })),
    statements: resources
      .flatMap((each) => policiesOf(each, resources))
      .flatMap(({ to, kind, statements }) =>
        statements.map((statement): ExplainedStatement => {
          const reason = reasonOf(statement, to.reasons);
          return {
            holder: names.nameOf(to.logicalId),
            kind,
            statement,
            why: reason?.why,
            holderArn: to.attributes.Arn ?? '',
            ...(reason?.from && { from: reason.from }),
          };
        }),
      ),
    display: names.display,
  };
}

/** Remotion's function and bucket, which the functions of the stack know by name. */
function remotionNames(resources: readonly Resource[]): Record<string, string> {
  const variables: Record<string, string> = Object.assign(
    {},
    ...resources.map(({ properties }) => properties.Environment?.Variables),
  );
  return {
    [functionArn(variables.REMOTION_FUNCTION_NAME ?? '')]: 'Remotion function',
    [`arn:aws:s3:::${variables.REMOTION_BUCKET_NAME ?? ''}`]: 'Remotion bucket',
    ...(variables.JOBS_PREFIX && { [variables.JOBS_PREFIX.replace(/\/$/, '')]: 'jobs of the workflow' }),
  };
}

function policiesOf(item: Resource, resources: readonly Resource[]): AttachedPolicy[] {
  const { properties } = item;
  const documents = (policies: { PolicyDocument: object }[] = []): PolicyStatement[] =>
    policies.flatMap(({ PolicyDocument }) => statementsOf(PolicyDocument));
  const attachedTo = (reference: string): Resource => {
    const found = resources.find(({ name, ref, attributes }) =>
      [name, ref, attributes.Arn].includes(reference),
    );
    if (found) return found;
    throw new UnsupportedTemplate(`Resources/${item.logicalId}`, `${reference} is not of this stack`);
  };
  switch (item.type) {
    case 'AWS::IAM::Role':
      if (properties.ManagedPolicyArns)
        throw new UnsupportedTemplate(`Resources/${item.logicalId}`, 'ManagedPolicyArns are not read');
      return [{ to: item, kind: 'role', statements: documents(properties.Policies) }];
    case 'AWS::IAM::Policy':
      return list(properties.Roles).map((role) => ({
        to: attachedTo(role),
        kind: 'role' as const,
        statements: documents([properties]),
      }));
    case 'AWS::IAM::ManagedPolicy':
      return [{ to: item, kind: 'managed policy', statements: documents([properties]) }];
    case 'AWS::S3::BucketPolicy':
      return [
        { to: attachedTo(properties.Bucket), kind: 'resource policy', statements: documents([properties]) },
      ];
    case 'AWS::SQS::QueuePolicy':
      return list(properties.Queues).map((queue) => ({
        to: attachedTo(queue),
        kind: 'resource policy' as const,
        statements: documents([properties]),
      }));
    case 'AWS::KMS::Key':
      return [{ to: item, kind: 'resource policy', statements: statementsOf(properties.KeyPolicy) }];
    case 'AWS::Lambda::Permission': {
      const to = attachedTo(properties.FunctionName);
      return [
        {
          to,
          kind: 'resource policy',
          statements: [permissionStatement(properties, to.attributes.Arn ?? '')],
        },
      ];
    }
    default:
      if ('PolicyDocument' in properties || 'ResourcePolicy' in properties)
        throw new UnsupportedTemplate(
          `Resources/${item.logicalId}`,
          `the policy of ${item.type} is not read`,
        );
      return [];
  }
}

/** The reason of the statement's Sid; of a statement without one, the reason that covers all its actions. */
function reasonOf(statement: PolicyStatement, reasons: readonly GrantReason[]): GrantReason | undefined {
  const { Sid, Action } = statement;
  const bySid = reasons.find(({ sid }) => sid !== undefined && sid === Sid);
  if (bySid) return bySid;
  return reasons.find(
    ({ sid, actions }) =>
      sid === undefined &&
      list(Action).every((action) => actions.some((pattern) => matchesPattern(pattern, action))),
  );
}

function statementsOf(document: { Statement?: PolicyStatement | PolicyStatement[] } = {}): PolicyStatement[] {
  return [document.Statement ?? []].flat();
}
