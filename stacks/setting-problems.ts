import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Stack, Token } from 'aws-cdk-lib/core';
import type { RemotionResources } from './grants/narrowed-grants.ts';
import { notInRemotionPolicy } from './grants/remotion-policy.ts';
import { remotionResources } from './remotion-resources.ts';
import { installedRemotionVersion } from './remotion-version.ts';
import type { RenderWorkflowProps } from './render-workflow-props.ts';

/** The policies that name the destination buckets fit into what IAM takes for a role up to here. */
const MAX_DESTINATIONS = 50;

/**
 * Regions of Remotion Lambda in which CloudFormation does not know `AWS::Pipes::Pipe`, by its resource schemas of
 * each region as of November 2026.
 */
const WITHOUT_PIPES = ['ap-southeast-4', 'ap-southeast-5'];

/**
 * What a person has to put right in the props of a workflow in this stack, each with the name of its kind. Values
 * that are known only when the stack is deployed are not looked at.
 */
export function settingProblems(stack: Stack, props: RenderWorkflowProps): string[] {
  const remotion = remotionResources(props);
  return [
    ...rendererProblems(stack, props),
    ...notInRemotionPolicy(remotion),
    ...versionProblems(remotion),
    ...regionProblems(stack, props),
    ...amountProblems(props),
    ...destinationProblems(props),
  ];
}

/** One renderer, or the names of one. */
function rendererProblems(
  stack: Stack,
  { renderer, remotionFunctionName, remotionBucketName, encryptionKeys }: RenderWorkflowProps,
): string[] {
  if (renderer && encryptionKeys?.remotionBucket)
    return [
      'UnusedKey: encryptionKeys.remotionBucket is the key of an existing bucket, and there is a renderer. Give the key to the renderer, as its encryptionKeys.bucket.',
    ];
  const stackOfRenderer = renderer && Stack.of(renderer);
  // The bucket's name has part of the id of the stack that it is in.
  if (stackOfRenderer && stackOfRenderer !== stack)
    return [
      `WrongStack: renderer is in the stack ${stackOfRenderer.stackName}, and the workflow is in ${stack.stackName}. Make both in one stack; a second workflow there may have the same renderer.`,
    ];
  const names = [remotionFunctionName, remotionBucketName].filter((name) => name !== undefined).length;
  if (names === (renderer ? 0 : 2)) return [];
  return [
    `MissingRenderer: Expected either renderer, or both remotionFunctionName and remotionBucketName, and there ${renderer ? 'are a renderer and names' : names === 1 ? 'is one of the names' : 'is none of them'}.`,
  ];
}

/** The client refuses to work with a function of another version, at every render. */
function versionProblems({ functionName: remotionFunctionName }: RemotionResources): string[] {
  const installed = installedRemotionVersion();
  // As Remotion names its functions: https://www.remotion.dev/docs/lambda/naming-convention
  const [, version] = /^remotion-render-(.+)-mem\d+mb-disk\d+mb-\d+sec/.exec(remotionFunctionName) ?? [];
  if (!known(remotionFunctionName) || version === undefined || version === installed.replaceAll('.', '-'))
    return [];
  return [
    `WrongRemotionVersion: remotionFunctionName is ${remotionFunctionName}, a function of Remotion ${version.replace(/^(\d+)-(\d+)-/, '$1.$2.')}, and ${installed} is installed, whose client it refuses. Deploy a function of the installed version (npx remotion lambda functions deploy), or install that version of @remotion/lambda.`,
  ];
}

function regionProblems({ region }: Stack, props: RenderWorkflowProps): string[] {
  if (!known(region)) return [];
  const problems: string[] = [];
  const { remotionBucketName = '', renderQueue, alarmTopic, eventBus, encryptionKeys = {} } = props;
  const [, ofBucket] =
    /^remotionlambda-((?:af|ap|ca|eu|il|me|mx|sa|us)[a-z]+\d)-/.exec(remotionBucketName) ?? [];
  if (ofBucket !== undefined && ofBucket !== region.replaceAll('-', ''))
    problems.push(
      `WrongRegion: remotionBucketName is ${remotionBucketName}, which is by its name of ${ofBucket}, and the stack is in ${region}. Name the Remotion bucket of ${region}, or deploy the stack where the bucket is.`,
    );
  const keys = Object.entries(encryptionKeys).map(([name, key]) => [`encryptionKeys.${name}`, key] as const);
  for (const [name, resource] of [...keys, ['alarmTopic', alarmTopic], ['eventBus', eventBus]] as const) {
    const there = resource?.env.region;
    if (there !== undefined && known(there) && there !== region)
      problems.push(
        `WrongRegion: ${name} is in ${there}, and the stack is in ${region}. Give one of ${region}.`,
      );
  }
  if (renderQueue && WITHOUT_PIPES.includes(region))
    problems.push(
      `NotInRegion: renderQueue is true, and needs EventBridge Pipes, which CloudFormation does not know in ${region}. Leave it out and send requests as events, or deploy in another region.`,
    );
  return problems;
}

function amountProblems({
  maxCostInUsd,
  maxSpendPerDayInUsd,
  maxSecondsBetweenUpdates: seconds = 30,
  maxConcurrentRenders: renders = 1,
  alarmTopic,
}: RenderWorkflowProps): string[] {
  const problems = Object.entries({ maxCostInUsd, maxSpendPerDayInUsd })
    .filter(([, amount]) => amount !== undefined && !Token.isUnresolved(amount))
    .filter(([, amount]) => !(Number(amount) > 0 && Number.isFinite(amount)))
    .map(
      ([prop, amount]) =>
        `InvalidAmount: ${prop} is ${amount}; expected a number of USD greater than 0, such as 0.5.`,
    );
  if (!Token.isUnresolved(seconds) && !(Number.isInteger(seconds) && seconds >= 2 && seconds <= 900))
    problems.push(
      `InvalidAmount: maxSecondsBetweenUpdates is ${seconds}; expected a whole number of seconds from 2 to 900.`,
    );
  if (!Token.isUnresolved(renders) && !(Number.isInteger(renders) && renders >= 1 && renders <= 1000))
    problems.push(
      `InvalidAmount: maxConcurrentRenders is ${renders}; expected a whole number of renders from 1 to 1000.`,
    );
  if (!alarmTopic && maxSpendPerDayInUsd !== undefined)
    problems.push('MissingAlarmTopic: maxSpendPerDayInUsd needs alarmTopic, the SNS topic that is told.');
  return problems;
}

function destinationProblems({
  destinationBucket,
  otherDestinationBuckets = [],
}: RenderWorkflowProps): string[] {
  const buckets = [...(destinationBucket ? [destinationBucket] : []), ...otherDestinationBuckets];
  const identity = (bucket: IBucket) => (known(bucket.bucketName) ? bucket.bucketName : bucket);
  const identities = buckets.map(identity);
  const twice = buckets.filter((bucket, i) => identities.indexOf(identity(bucket)) !== i);
  const problems = twice.map(
    ({ bucketName, node }) =>
      `DuplicateDestination: The bucket ${known(bucketName) ? bucketName : node.path} is twice among destinationBucket and otherDestinationBuckets. Name it once.`,
  );
  // The new bucket, if there is one, is a destination too.
  const count = buckets.length + (destinationBucket ? 0 : 1);
  if (count > MAX_DESTINATIONS)
    problems.push(
      `TooManyDestinations: There are ${count} destination buckets; at most ${MAX_DESTINATIONS} fit into the policies of a role. Deliver to fewer buckets, or deploy a second workflow.`,
    );
  return problems;
}

function known(value: string): boolean {
  return !Token.isUnresolved(value);
}
