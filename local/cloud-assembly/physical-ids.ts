import { createHash } from 'node:crypto';
import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../aws.ts';
import { createResolver, type Resolver, type ResourceReferences } from './intrinsics.ts';
import { type Template, type TemplateResource, UnsupportedTemplate } from './template.ts';

/** How CloudFormation names a type of resource and what references to it give. */
interface ResourceType {
  /** The property that sets the name; without it the name is made from the logical id. */
  readonly nameProperty?: string;
  /** Characters. */
  readonly maximumNameLength?: number;
  /** AWS makes up a short id for it, which no property sets. */
  readonly hasOwnId?: boolean;
  /** What `Ref` gives: the name unless said otherwise. */
  readonly ref?: string;
  readonly attributes?: (
    name: string,
    property: (name: string) => string | undefined,
  ) => Record<string, string>;
}

const arn = (service: string, resource: string): string =>
  `arn:aws:${service}:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:${resource}`;

function resourceTypes(endpoint: string): Readonly<Record<string, ResourceType>> {
  return {
    'AWS::ApiGateway::Deployment': { hasOwnId: true },
    'AWS::ApiGateway::Method': {},
    'AWS::ApiGateway::Model': { nameProperty: 'Name' },
    'AWS::ApiGateway::RequestValidator': { hasOwnId: true },
    'AWS::ApiGateway::Resource': { hasOwnId: true },
    'AWS::ApiGateway::RestApi': { hasOwnId: true, attributes: (id) => ({ RootResourceId: `${id}root` }) },
    'AWS::ApiGateway::Stage': { nameProperty: 'StageName' },
    'AWS::CDK::Metadata': {},
    'AWS::CloudFront::Distribution': {
      hasOwnId: true,
      attributes: (id) => ({
        Id: id,
        Arn: `arn:aws:cloudfront::${LOCAL_ACCOUNT_ID}:distribution/${id}`,
        DomainName: `${id}.cloudfront.net`,
      }),
    },
    'AWS::CloudFront::OriginAccessControl': { hasOwnId: true, attributes: (id) => ({ Id: id }) },
    'AWS::CloudWatch::Alarm': { nameProperty: 'AlarmName' },
    'AWS::CloudWatch::Dashboard': { nameProperty: 'DashboardName' },
    'AWS::Events::EventBus': {
      nameProperty: 'Name',
      attributes: (name) => ({ Name: name, Arn: arn('events', `event-bus/${name}`) }),
    },
    'AWS::Events::Rule': {
      nameProperty: 'Name',
      attributes: (name, property) => {
        // The bus is given by name or by ARN.
        const bus = property('EventBusName')?.split('/').at(-1) ?? 'default';
        return { BusName: bus, Arn: arn('events', `rule/${bus === 'default' ? '' : `${bus}/`}${name}`) };
      },
    },
    'AWS::IAM::InstanceProfile': { nameProperty: 'InstanceProfileName' },
    'AWS::IAM::ManagedPolicy': {
      nameProperty: 'ManagedPolicyName',
      ref: 'Arn',
      attributes: (name) => ({ Arn: `arn:aws:iam::${LOCAL_ACCOUNT_ID}:policy/${name}` }),
    },
    'AWS::IAM::Policy': { nameProperty: 'PolicyName' },
    'AWS::IAM::Role': {
      nameProperty: 'RoleName',
      attributes: (name, property) => ({
        Arn: `arn:aws:iam::${LOCAL_ACCOUNT_ID}:role${property('Path') ?? '/'}${name}`,
      }),
    },
    'AWS::KMS::Alias': { nameProperty: 'AliasName' },
    'AWS::KMS::Key': { attributes: (name) => ({ KeyId: name, Arn: arn('kms', `key/${name}`) }) },
    'AWS::Lambda::EventInvokeConfig': {},
    'AWS::Lambda::Function': {
      nameProperty: 'FunctionName',
      attributes: (name) => ({ Arn: arn('lambda', `function:${name}`) }),
    },
    'AWS::Lambda::Permission': {},
    'AWS::Logs::LogGroup': {
      nameProperty: 'LogGroupName',
      attributes: (name) => ({ Arn: arn('logs', `log-group:${name}:*`) }),
    },
    'AWS::Pipes::Pipe': {
      nameProperty: 'Name',
      attributes: (name) => ({ Name: name, Arn: arn('pipes', `pipe/${name}`) }),
    },
    'AWS::S3::Bucket': {
      nameProperty: 'BucketName',
      maximumNameLength: 63,
      attributes: (name) => ({
        Arn: `arn:aws:s3:::${name}`,
        DomainName: `${name}.s3.amazonaws.com`,
        RegionalDomainName: `${name}.s3.${LOCAL_REGION}.amazonaws.com`,
      }),
    },
    'AWS::S3::BucketPolicy': {},
    'AWS::SQS::Queue': {
      nameProperty: 'QueueName',
      ref: 'QueueUrl',
      attributes: (name) => ({
        QueueName: name,
        QueueUrl: `${endpoint}/${LOCAL_ACCOUNT_ID}/${name}`,
        Arn: arn('sqs', name),
      }),
    },
    'AWS::SQS::QueuePolicy': {},
    'AWS::StepFunctions::StateMachine': {
      nameProperty: 'StateMachineName',
      ref: 'Arn',
      attributes: (name) => ({ Name: name, Arn: arn('states', `stateMachine:${name}`) }),
    },
  };
}

/** One resource as it is known on this machine. */
export interface LocalResource {
  readonly name: string;
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The ids of a template's resources, and the resolver that puts them in. */
export interface PhysicalIds {
  readonly resolver: Resolver;
  /** Throws UnsupportedTemplate for a type of resource that the one-machine run does not know. */
  resource(logicalId: string, path: string): LocalResource;
}

/**
 * Makes up ids for a template's resources: the name that the template sets, else one of stack name, logical
 * id and a digest of both, which stays the same from run to run.
 *
 * @param endpoint the gateway's address, which is in queue URLs
 */
export function assignPhysicalIds(template: Template, stackName: string, endpoint: string): PhysicalIds {
  const types = resourceTypes(endpoint);
  const known = new Map<string, LocalResource>();

  function resource(logicalId: string, path: string): LocalResource {
    const existing = known.get(logicalId);
    if (existing) return existing;
    const definition = template.Resources[logicalId];
    if (!definition) throw new UnsupportedTemplate(path, `there is no resource ${logicalId}`);
    const created = describe(logicalId, definition);
    known.set(logicalId, created);
    return created;
  }

  function describe(logicalId: string, { Type, Properties = {} }: TemplateResource): LocalResource {
    const type = Type.startsWith('Custom::') ? {} : types[Type];
    const path = `Resources/${logicalId}`;
    if (!type) throw new UnsupportedTemplate(path, `${Type} is not supported`);
    const property = (name: string): string | undefined =>
      Properties[name] === undefined
        ? undefined
        : resolver.text(Properties[name], `${path}/Properties/${name}`);
    const name =
      (type.nameProperty && property(type.nameProperty)) ??
      accountRegionalName(property) ??
      generateName(stackName, logicalId, Type, type);
    const attributes = type.attributes?.(name, property) ?? {};
    return { name, attributes, ref: (type.ref && attributes[type.ref]) ?? name };
  }

  const references: ResourceReferences = {
    ref: (logicalId, path) => resource(logicalId, path).ref,
    attribute(logicalId, attribute, path) {
      const value = resource(logicalId, path).attributes[attribute];
      if (value === undefined)
        throw new UnsupportedTemplate(path, `the attribute ${attribute} of ${logicalId} is not supported`);
      return value;
    },
  };
  const resolver = createResolver(template, stackName, references);
  return { resolver, resource };
}

/** A bucket's name in the account's own namespace, which its prefix makes. */
function accountRegionalName(property: (name: string) => string | undefined): string | undefined {
  const prefix = property('BucketNamePrefix');
  return prefix && `${prefix}-${LOCAL_ACCOUNT_ID}-${LOCAL_REGION}-an`;
}

function generateName(stackName: string, logicalId: string, typeName: string, type: ResourceType): string {
  const digest = createHash('sha256').update(`${stackName}/${logicalId}`).digest('hex').slice(0, 12);
  if (type.hasOwnId) return digest.slice(0, 10);
  const room = (type.maximumNameLength ?? 64) - digest.length - 1;
  const name = `${`${stackName}-${logicalId}`.slice(0, room)}-${digest}`;
  return typeName === 'AWS::S3::Bucket' ? name.toLowerCase() : name;
}
