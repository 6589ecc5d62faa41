import { readFileSync } from 'node:fs';
import type { PolicyStatement } from '../aws.ts';
import { scheduleRate } from '../eventbridge/schedule-rate.ts';
import type {
  LocalBucket,
  LocalCustomResource,
  LocalEventRule,
  LocalFunction,
  LocalQueue,
  LocalRuleTarget,
  LocalStack,
  LocalStateMachine,
} from './local-stack.ts';
import { toLocalUrl } from './local-url.ts';
import { assignPhysicalIds } from './physical-ids.ts';
import { readDistribution } from './read-distribution.ts';
import { readPipe } from './read-pipe.ts';
import { readRestApi } from './read-rest-api.ts';
import { type ResolvedResource, type ResourcesOfType, refuse } from './resolved-resource.ts';
import { type Template, UnsupportedTemplate } from './template.ts';

/** A synthesized stack, its references unresolved. */
export interface StackSource {
  readonly name: string;
  readonly template: Template;
  readonly endpoint: string;
  /** Absolute path of the asset with this key in the assets bucket. Throws UnsupportedTemplate for another key. */
  readonly assetPath: (objectKey: string, path: string) => string;
}

/** Resolves a template and picks from it what runs on this machine. Throws UnsupportedTemplate. */
export function buildLocalStack({ name, template, endpoint, assetPath }: StackSource): LocalStack {
  const { resolver, resource } = assignPhysicalIds(template, name, endpoint);
  const resources: ResolvedResource[] = Object.entries(template.Resources)
    .filter(([id, { Condition }]) => !Condition || resolver.condition(Condition, `Resources/${id}`))
    .map(([logicalId, { Type, Properties = {} }]) => {
      const path = `Resources/${logicalId}/Properties`;
      const local = resource(logicalId, path);
      return { ...local, logicalId, type: Type, path, properties: resolver.resolve(Properties, path) };
    });
  const ofType: ResourcesOfType = (type) => resources.filter((item) => item.type === type);

  const restApis = ofType('AWS::ApiGateway::RestApi').map((api) => readRestApi(api, ofType));
  const distributions = ofType('AWS::CloudFront::Distribution').map((item) => readDistribution(item, ofType));
  const buckets = ofType('AWS::S3::Bucket').map(readBucket);
  const toLocal = (text: string) => toLocalUrl(text, { restApis, distributions, buckets }, endpoint);
  return {
    name,
    functions: readFunctions(ofType, assetPath).map((fn) => ({
      ...fn,
      environment: Object.fromEntries(
        Object.entries(fn.environment).map(([key, value]) => [key, toLocal(value)]),
      ),
    })),
    distributions,
    customResources: resources
      .filter(({ type }) => type.startsWith('Custom::'))
      .map((item) => readCustomResource(item, ofType)),
    roles: ofType('AWS::IAM::Role').map((role) => {
      refuse(role, 'PermissionsBoundary');
      const managed: readonly string[] = role.properties.ManagedPolicyArns ?? [];
      const policies = ofType('AWS::IAM::ManagedPolicy');
      // Such as those of AWS, whose statements are not in the template.
      if (!managed.every((arn) => policies.some(({ attributes }) => attributes.Arn === arn)))
        refuse(role, 'ManagedPolicyArns');
      const attached = [...ofType('AWS::IAM::Policy'), ...policies].filter(
        ({ properties, attributes }) =>
          properties.Roles?.includes(role.name) || managed.includes(attributes.Arn ?? ''),
      );
      return {
        name: role.name,
        arn: role.attributes.Arn ?? '',
        trust: statements(role.properties.AssumeRolePolicyDocument),
        statements: [
          ...(role.properties.Policies ?? []),
          ...attached.map(({ properties }) => properties),
        ].flatMap(({ PolicyDocument }) => statements(PolicyDocument)),
      };
    }),
    stateMachines: ofType('AWS::StepFunctions::StateMachine').map((item) =>
      readStateMachine(item, assetPath),
    ),
    buckets,
    queues: ofType('AWS::SQS::Queue').map(readQueue),
    pipes: ofType('AWS::Pipes::Pipe').map(readPipe),
    restApis,
    eventBuses: ofType('AWS::Events::EventBus').map((bus) => {
      refuse(bus, 'Policy', 'DeadLetterConfig', 'EventSourceName');
      return bus.name;
    }),
    eventRules: ofType('AWS::Events::Rule').map(readRule),
    resourcePolicies: readResourcePolicies(ofType),
    outputs: Object.fromEntries(
      Object.entries(template.Outputs ?? {})
        .filter(([id, { Condition }]) => !Condition || resolver.condition(Condition, `Outputs/${id}`))
        .map(([id, { Value }]) => [id, toLocal(resolver.text(Value, `Outputs/${id}/Value`))]),
    ),
  };
}

function readFunctions(ofType: ResourcesOfType, assetPath: StackSource['assetPath']): LocalFunction[] {
  const functions = ofType('AWS::Lambda::Function');
  const configs = ofType('AWS::Lambda::EventInvokeConfig').map((config) => ({
    config,
    of: findResource(ofType, 'AWS::Lambda::Function', config.properties.FunctionName, config.path),
  }));
  return functions.map((item) =>
    readFunction(item, configs.find(({ of }) => of === item)?.config, assetPath),
  );
}

function readFunction(
  item: ResolvedResource,
  eventInvokeConfig: ResolvedResource | undefined,
  assetPath: StackSource['assetPath'],
): LocalFunction {
  refuse(item, 'ImageConfig', 'FileSystemConfigs', 'DurableConfig');
  const { Code, Handler, Runtime, Role, Environment, Timeout = 3, MemorySize = 128 } = item.properties;
  const { ReservedConcurrentExecutions, EphemeralStorage, RuntimeManagementConfig } = item.properties;
  const { Architectures = ['x86_64'], Layers = [] } = item.properties;
  if (!Code?.S3Key)
    throw new UnsupportedTemplate(`${item.path}/Code`, 'only code from an asset is supported');
  const codeDir = assetPath(Code.S3Key, `${item.path}/Code`);
  // Remotion comes packed, and what its layers hold is on this machine.
  const isRemotions = item.name.startsWith('remotion-render-') && codeDir.endsWith('.zip');
  if (!isRemotions) refuse(item, 'Layers');
  return {
    logicalId: item.logicalId,
    name: item.name,
    arn: item.attributes.Arn ?? '',
    roleArn: Role,
    codeDir,
    isRemotions,
    handler: Handler,
    runtime: Runtime,
    environment: Object.fromEntries(
      Object.entries(Environment?.Variables ?? {}).map(([key, value]) => [key, String(value)]),
    ),
    timeoutInSeconds: Number(Timeout),
    memorySizeInMb: Number(MemorySize),
    diskSizeInMb: Number(EphemeralStorage?.Size ?? 512),
    architecture: Architectures[0],
    layers: Layers,
    updateRuntimeOn: RuntimeManagementConfig?.UpdateRuntimeOn ?? 'Auto',
    ...(ReservedConcurrentExecutions !== undefined && {
      reservedConcurrentExecutions: Number(ReservedConcurrentExecutions),
    }),
    ...readAsynchronousInvocation(item, eventInvokeConfig),
  };
}

type AsynchronousInvocation = Pick<
  LocalFunction,
  'maximumRetryAttempts' | 'maximumEventAgeInSeconds' | 'onFailureQueueArn' | 'deadLetterQueueArn'
>;

function readAsynchronousInvocation(
  item: ResolvedResource,
  config: ResolvedResource | undefined,
): AsynchronousInvocation {
  const { Qualifier = '$LATEST', DestinationConfig, ...limits } = config?.properties ?? {};
  if (config && Qualifier !== '$LATEST')
    throw new UnsupportedTemplate(`${config.path}/Qualifier`, `${Qualifier} is not supported`);
  if (config && DestinationConfig?.OnSuccess)
    throw new UnsupportedTemplate(`${config.path}/DestinationConfig/OnSuccess`, 'OnSuccess is not supported');
  const onFailureQueueArn = DestinationConfig?.OnFailure?.Destination;
  const deadLetterQueueArn = item.properties.DeadLetterConfig?.TargetArn;
  checkQueue(onFailureQueueArn, `${config?.path}/DestinationConfig/OnFailure`);
  checkQueue(deadLetterQueueArn, `${item.path}/DeadLetterConfig`);
  return {
    maximumRetryAttempts: Number(limits.MaximumRetryAttempts ?? 2),
    maximumEventAgeInSeconds: Number(limits.MaximumEventAgeInSeconds ?? 21_600),
    ...(onFailureQueueArn !== undefined && { onFailureQueueArn }),
    ...(deadLetterQueueArn !== undefined && { deadLetterQueueArn }),
  };
}

function checkQueue(arn: string | undefined, path: string): void {
  if (arn !== undefined && !arn.startsWith('arn:aws:sqs:'))
    throw new UnsupportedTemplate(path, `${arn} is no queue, and nothing else is supported`);
}

function readStateMachine(item: ResolvedResource, assetPath: StackSource['assetPath']): LocalStateMachine {
  const keyArn = item.properties.EncryptionConfiguration?.KmsKeyId;
  const {
    DefinitionString,
    DefinitionS3Location,
    DefinitionSubstitutions = {},
    StateMachineType,
  } = item.properties;
  if (StateMachineType === 'EXPRESS')
    throw new UnsupportedTemplate(`${item.path}/StateMachineType`, 'EXPRESS is not supported');
  const path = `${item.path}/Definition${DefinitionString ? 'String' : 'S3Location'}`;
  const text: string = DefinitionString ?? readFileSync(assetPath(DefinitionS3Location?.Key, path), 'utf8');
  const definition = text.replace(/\$\{([A-Za-z0-9_]+)\}/g, (_, key: string) => {
    if (key in DefinitionSubstitutions) return String(DefinitionSubstitutions[key]);
    throw new UnsupportedTemplate(path, `\${${key}} has no value in DefinitionSubstitutions`);
  });
  return {
    logicalId: item.logicalId,
    name: item.name,
    arn: item.attributes.Arn ?? '',
    roleArn: item.properties.RoleArn,
    ...(keyArn !== undefined && { keyArn }),
    definition,
  };
}

function readQueue(item: ResolvedResource): LocalQueue {
  const { logicalId, name, attributes, properties } = item;
  const { VisibilityTimeout = 30, RedrivePolicy } = properties;
  return {
    logicalId,
    name,
    arn: attributes.Arn ?? '',
    url: attributes.QueueUrl ?? '',
    visibilityTimeoutInSeconds: Number(VisibilityTimeout),
    ...(RedrivePolicy && {
      redrive: {
        deadLetterQueueArn: RedrivePolicy.deadLetterTargetArn,
        maximumReceiveCount: Number(RedrivePolicy.maxReceiveCount),
      },
    }),
  };
}

function readBucket(item: ResolvedResource): LocalBucket {
  refuse(item, 'NotificationConfiguration', 'ReplicationConfiguration', 'ObjectLockConfiguration');
  const blocked = item.properties.PublicAccessBlockConfiguration;
  const isBlocked = (name: string) => blocked === undefined || blocked[name] === true;
  const ownership = item.properties.OwnershipControls?.Rules?.[0]?.ObjectOwnership ?? 'BucketOwnerEnforced';
  const [encryption] = item.properties.BucketEncryption?.ServerSideEncryptionConfiguration ?? [];
  const keyArn: string | undefined = encryption?.ServerSideEncryptionByDefault?.KMSMasterKeyID;
  return {
    logicalId: item.logicalId,
    name: item.name,
    arn: item.attributes.Arn ?? '',
    versioned: item.properties.VersioningConfiguration?.Status === 'Enabled',
    acceptsAcls: ownership !== 'BucketOwnerEnforced',
    publicAccessBlock: {
      blockPublicAcls: isBlocked('BlockPublicAcls'),
      blockPublicPolicy: isBlocked('BlockPublicPolicy'),
      restrictPublicBuckets: isBlocked('RestrictPublicBuckets'),
    },
    ...(keyArn !== undefined && { keyArn }),
  };
}

function readCustomResource(item: ResolvedResource, ofType: ResourcesOfType): LocalCustomResource {
  const { ServiceToken, ServiceTimeout: _, ...properties } = item.properties;
  const { name } = findResource(ofType, 'AWS::Lambda::Function', ServiceToken, item.path);
  return { logicalId: item.logicalId, type: item.type, functionName: name, properties };
}

function readRule(item: ResolvedResource): LocalEventRule {
  refuse(item, 'RoleArn');
  const { EventPattern, ScheduleExpression, State = 'ENABLED', Targets = [] } = item.properties;
  if (ScheduleExpression !== undefined && scheduleRate(ScheduleExpression) === undefined)
    throw new UnsupportedTemplate(
      `${item.path}/ScheduleExpression`,
      `${ScheduleExpression} is not supported`,
    );
  const supported = ['Arn', 'Id', 'RoleArn', 'DeadLetterConfig', 'RetryPolicy', 'Input', 'InputPath'];
  return {
    logicalId: item.logicalId,
    name: item.name,
    arn: item.attributes.Arn ?? '',
    busName: item.attributes.BusName ?? '',
    ...(EventPattern !== undefined && { eventPattern: EventPattern }),
    ...(ScheduleExpression !== undefined && { schedule: ScheduleExpression }),
    enabled: State === 'ENABLED',
    targets: Targets.map((target: ResolvedResource['properties'], i: number): LocalRuleTarget => {
      const unknown = Object.keys(target).find((key) => !supported.includes(key));
      if (unknown) throw new UnsupportedTemplate(`${item.path}/Targets/${i}`, `${unknown} is not supported`);
      if (target.InputPath !== undefined && !/^\$(\.[\w-]+)*$/.test(target.InputPath))
        throw new UnsupportedTemplate(
          `${item.path}/Targets/${i}/InputPath`,
          `${target.InputPath} is not supported`,
        );
      return {
        id: target.Id,
        arn: target.Arn,
        roleArn: target.RoleArn,
        deadLetterQueueArn: target.DeadLetterConfig?.Arn,
        maximumRetryAttempts: target.RetryPolicy?.MaximumRetryAttempts ?? 185,
        maximumEventAgeInSeconds: target.RetryPolicy?.MaximumEventAgeInSeconds ?? 86_400,
        input: target.Input,
        inputPath: target.InputPath,
      };
    }),
  };
}

function readResourcePolicies(ofType: ResourcesOfType): Record<string, PolicyStatement[]> {
  const policies: Record<string, PolicyStatement[]> = {};
  const arnOf = (type: string, reference: string, path: string): string =>
    findResource(ofType, type, reference, path).attributes.Arn ?? '';
  const attach = (arn: string, added: PolicyStatement[]): void => {
    policies[arn] = [...(policies[arn] ?? []), ...added];
  };
  for (const { properties, path } of ofType('AWS::S3::BucketPolicy'))
    attach(arnOf('AWS::S3::Bucket', properties.Bucket, path), statements(properties.PolicyDocument));
  for (const { properties, path } of ofType('AWS::SQS::QueuePolicy'))
    for (const queue of properties.Queues)
      attach(arnOf('AWS::SQS::Queue', queue, path), statements(properties.PolicyDocument));
  for (const { properties, path } of ofType('AWS::Lambda::Permission')) {
    const arn = arnOf('AWS::Lambda::Function', properties.FunctionName, path);
    attach(arn, [permissionStatement(properties, arn)]);
  }
  return policies;
}

/** The resource of the stack that a name, `Ref` or ARN means. */
function findResource(
  ofType: ResourcesOfType,
  type: string,
  reference: string,
  path: string,
): ResolvedResource {
  const item = ofType(type).find(({ name, ref, attributes }) =>
    [name, ref, attributes.Arn].includes(reference),
  );
  if (item) return item;
  throw new UnsupportedTemplate(path, `${reference} is no ${type} of this stack`);
}

/** The statement that Lambda adds to a function's policy for a permission. */
export function permissionStatement(
  properties: ResolvedResource['properties'],
  functionArn: string,
): PolicyStatement {
  const { Action, Principal, SourceArn, SourceAccount } = properties;
  return {
    Effect: 'Allow',
    Action,
    Resource: functionArn,
    Principal: /^\d{12}$|^arn:/.test(Principal) ? { AWS: Principal } : { Service: Principal },
    Condition: {
      ...(SourceArn && { ArnLike: { 'aws:SourceArn': SourceArn } }),
      ...(SourceAccount && { StringEquals: { 'aws:SourceAccount': SourceAccount } }),
    },
  };
}

function statements(document: {
  readonly Statement?: PolicyStatement | PolicyStatement[];
}): PolicyStatement[] {
  return [document?.Statement ?? []].flat();
}
