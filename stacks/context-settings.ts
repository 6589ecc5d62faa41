import { extname, join } from 'node:path';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket, type BucketAttributes, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Annotations, Validations } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { RenderWorkflowProps } from './render-workflow-props.ts';
import { RemotionRenderer } from './renderer/remotion-renderer.ts';
import type { SiteAccess } from './renderer/site-address.ts';

/** A value of the CDK context (`-c name=value`, or `context` in cdk.json). */
interface ContextValue {
  readonly pattern: RegExp;
  /** Accepted form, and how to find the value. */
  readonly help: string;
}

const BUCKET_NAME = '[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]';

const AMOUNT_IN_USD: ContextValue = {
  pattern: /^(?!0*\.?0*$)\d+(\.\d+)?$/,
  help: 'a number of USD greater than 0, such as 0.5',
};

const CONTEXT = {
  remotionFunctionName: {
    pattern: /^remotion-render-[\w-]+-mem\d+mb-disk\d+mb-\d+sec$/,
    help: 'the name of a deployed Remotion function, such as remotion-render-4-0-527-mem2048mb-disk2048mb-240sec; "npx remotion lambda functions ls" lists them',
  },
  remotionBucketName: {
    pattern: /^remotionlambda-[a-z0-9-]{1,48}$/,
    help: 'the name of the Remotion bucket, which begins with remotionlambda-; "npx remotion lambda sites ls" and "aws s3 ls" show it',
  },
  site: {
    pattern: /\S/,
    help: 'the path of a Remotion entry point, such as src/index.ts, or of a folder that "npx remotion bundle" has made',
  },
  siteName: {
    pattern: /^[-0-9a-zA-Z!_.*'()]+$/,
    help: "a name of letters, digits and -!_.*'()",
  },
  siteAccess: { pattern: /^(cloudfront|public-prefix)$/, help: 'cloudfront or public-prefix' },
  rendererMemoryInMb: { pattern: /^\d+$/, help: 'a whole number of MB from 512 to 10240' },
  rendererDiskInMb: { pattern: /^\d+$/, help: 'a whole number of MB from 512 to 10240' },
  rendererTimeoutInSeconds: { pattern: /^\d+$/, help: 'a whole number of seconds from 15 to 900' },
  destinationBucketName: {
    pattern: new RegExp(`^${BUCKET_NAME}$`),
    help: 'the name of an existing bucket; "aws s3 ls" lists them; leave it out for a new bucket',
  },
  otherDestinationBucketNames: {
    pattern: new RegExp(`^${BUCKET_NAME}(,${BUCKET_NAME})*$`),
    help: 'names of existing buckets with commas between them',
  },
  destinationBucketOwners: {
    pattern: new RegExp(`^${BUCKET_NAME}=\\d{12}(,${BUCKET_NAME}=\\d{12})*$`),
    help: 'names of destination buckets with the account ids of their owners, such as our-videos=123456789012, with commas between them',
  },
  destinationKmsKeyArn: {
    pattern: /^arn:aws[\w-]*:kms:[\w-]+:\d{12}:key\/[\w-]+$/,
    help: 'the ARN of the key that destinationBucketName is encrypted with; "aws s3api get-bucket-encryption" shows it',
  },
  destinationRegion: {
    pattern: /^[a-z]{2}(-[a-z]+)+-\d$/,
    help: 'the region of destinationBucketName, where it is not that of the stack; "aws s3api get-bucket-location" shows it',
  },
  destinationTags: { pattern: /^(true|false)$/, help: 'true or false' },
  destinationEncryption: {
    pattern: /^(AES256|aws:kms)$/,
    help: 'AES256 or aws:kms, where the policy of a destination bucket demands the header x-amz-server-side-encryption',
  },
  destinationOwnerFullControl: {
    pattern: /^(true|false)$/,
    help: 'true or false: whether the policy of a destination bucket demands the ACL bucket-owner-full-control',
  },
  remotionKmsKeyArn: {
    pattern: /^arn:aws[\w-]*:kms:[\w-]+:\d{12}:key\/[\w-]+$/,
    help: 'the ARN of the key that remotionBucketName is encrypted with ("aws s3api get-bucket-encryption" shows it), or that the new Remotion bucket is to be',
  },
  deleteSource: { pattern: /^(true|false)$/, help: 'true or false' },
  versionedDestination: { pattern: /^(true|false)$/, help: 'true or false' },
  defaultServeUrl: {
    pattern: /^(https?:\/\/\S+|[\w.-]+)$/,
    help: 'the URL or the name of a Remotion site; "npx remotion lambda sites ls" lists them',
  },
  eventBusName: {
    pattern: /^[\w.\-/]{1,256}$/,
    help: 'the name of an existing event bus, such as default; "aws events list-event-buses" lists them; leave it out for a new bus',
  },
  eventSources: {
    pattern: /^[^,\s]+(,[^,\s]+)*$/,
    help: 'accepted values of an event\'s "source" with commas between them',
  },
  renderQueue: { pattern: /^(true|false)$/, help: 'true or false' },
  renderApi: {
    pattern: /^(true|false|with-access-logs)$/,
    help: 'true, false, or with-access-logs where the settings of API Gateway name a role for logs ("aws apigateway get-account" shows it)',
  },
  renderBatch: { pattern: /^(true|false)$/, help: 'true or false' },
  remotionLicenseKey: {
    pattern: /^\S+$/,
    help: 'a Remotion licence key; see https://www.remotion.dev/docs/licensing',
  },
  maxSecondsBetweenUpdates: {
    pattern: /^([2-9]|[1-9]\d|[1-8]\d\d|900)$/,
    help: 'a whole number of seconds from 2 to 900',
  },
  maxConcurrentRenders: {
    pattern: /^([1-9]\d{0,2}|1000)$/,
    help: 'a whole number of renders from 1 to 1000',
  },
  maxCostInUsd: AMOUNT_IN_USD,
  alarmTopicArn: {
    pattern: /^arn:aws[\w-]*:sns:[\w-]+:\d{12}:[\w-]{1,256}$/,
    help: 'the ARN of an SNS topic in the region of the stack; "aws sns list-topics" shows them',
  },
  maxSpendPerDayInUsd: AMOUNT_IN_USD,
  dashboard: { pattern: /^(true|false)$/, help: 'true or false' },
  permissionsBoundaryArn: {
    pattern: /^arn:aws[a-z-]*:iam::(\d{12}|aws):policy\/\S+$/,
    help: 'the ARN of a managed policy that bounds every role; "aws iam list-policies" lists them',
  },
} as const satisfies Record<string, ContextValue>;

type ContextName = keyof typeof CONTEXT;

/** The names of all values. */
export const CONTEXT_NAMES = Object.keys(CONTEXT);

/** The app's own site; `.js` in the built package. */
const EXAMPLE = join(
  import.meta.dirname,
  '..',
  'examples',
  'hello-world',
  `index${extname(import.meta.filename)}`,
);

/** What one value alone does not say. */
const NEEDS: Partial<Record<ContextName, ContextName>> = {
  remotionFunctionName: 'remotionBucketName',
  remotionBucketName: 'remotionFunctionName',
};

/**
 * Reads the workflow's settings from the CDK context. Undefined when it is not complete: then the scope has the
 * error `InvalidContext`, which names every value that is missing or malformed and how to find it, and which only
 * commands that need the stack's template report.
 */
export function readSettings(scope: Construct): RenderWorkflowProps | undefined {
  const values = readValues(scope);
  if (!values) return undefined;
  const owners = new Map(
    (values.destinationBucketOwners ?? '').split(',').map((pair) => pair.split('=') as [string, string]),
  );
  const buckets = new Map<string, IBucket>();
  const bucket = (bucketName: string, more: Partial<BucketAttributes> = {}) => {
    const account = owners.get(bucketName);
    // One that is named twice is refused as such.
    const known = buckets.get(bucketName);
    if (known) return known;
    const imported = Bucket.fromBucketAttributes(scope, `Destination-${bucketName}`, {
      bucketName,
      ...(account && { account }),
      ...more,
    });
    buckets.set(bucketName, imported);
    return imported;
  };
  const { destinationBucketName, destinationRegion, destinationKmsKeyArn } = values;
  const destinationBucket =
    destinationBucketName &&
    bucket(destinationBucketName, {
      ...(destinationRegion && { region: destinationRegion }),
      ...(destinationKmsKeyArn && {
        encryptionKey: Key.fromKeyArn(scope, 'DestinationKey', destinationKmsKeyArn),
      }),
    });
  return {
    ...remotionOf(scope, values),
    versionedDestination: values.versionedDestination === 'true',
    destinationTags: values.destinationTags === 'true',
    ...((values.destinationEncryption || values.destinationOwnerFullControl) && {
      destinationHeaders: {
        ...(values.destinationEncryption && {
          serverSideEncryption: values.destinationEncryption as 'AES256' | 'aws:kms',
        }),
        bucketOwnerFullControl: values.destinationOwnerFullControl === 'true',
      },
    }),
    deleteSource: values.deleteSource === 'true',
    dashboard: values.dashboard === 'true',
    ...(destinationBucket && { destinationBucket }),
    ...(values.otherDestinationBucketNames && {
      otherDestinationBuckets: values.otherDestinationBucketNames.split(',').map((name) => bucket(name)),
    }),
    ...(values.defaultServeUrl && { defaultServeUrl: values.defaultServeUrl }),
    ...(values.eventBusName && {
      eventBus: EventBus.fromEventBusName(scope, 'ExistingEventBus', values.eventBusName),
    }),
    ...(values.eventSources && { eventSources: values.eventSources.split(',') }),
    renderQueue: values.renderQueue === 'true',
    renderApi: values.renderApi === 'with-access-logs' ? values.renderApi : values.renderApi === 'true',
    renderBatch: values.renderBatch === 'true',
    ...(values.maxSecondsBetweenUpdates && {
      maxSecondsBetweenUpdates: Number(values.maxSecondsBetweenUpdates),
    }),
    ...(values.alarmTopicArn && {
      alarmTopic: Topic.fromTopicArn(scope, 'AlarmTopic', values.alarmTopicArn),
    }),
    ...(values.maxSpendPerDayInUsd && { maxSpendPerDayInUsd: Number(values.maxSpendPerDayInUsd) }),
    ...(values.maxConcurrentRenders && { maxConcurrentRenders: Number(values.maxConcurrentRenders) }),
    ...(values.maxCostInUsd && { maxCostInUsd: Number(values.maxCostInUsd) }),
    ...(values.remotionLicenseKey && { remotionLicenseKey: values.remotionLicenseKey }),
    ...(values.permissionsBoundaryArn && { permissionsBoundaryArn: values.permissionsBoundaryArn }),
  };
}

/** The names of what is there already, or a new renderer with the site of the context, else the example's. */
function remotionOf(
  scope: Construct,
  values: Partial<Record<ContextName, string>>,
): Pick<RenderWorkflowProps, 'renderer' | 'remotionFunctionName' | 'remotionBucketName' | 'encryptionKeys'> {
  const { remotionFunctionName, remotionBucketName, site = EXAMPLE, siteAccess, remotionKmsKeyArn } = values;
  const key = remotionKmsKeyArn && Key.fromKeyArn(scope, 'RemotionKey', remotionKmsKeyArn);
  if (remotionFunctionName && remotionBucketName)
    return {
      remotionFunctionName,
      remotionBucketName,
      ...(key && { encryptionKeys: { remotionBucket: key } }),
    };
  const { rendererMemoryInMb, rendererDiskInMb, rendererTimeoutInSeconds } = values;
  const siteName = values.siteName ?? (site === EXAMPLE ? 'hello-world' : 'site');
  return {
    renderer: new RemotionRenderer(scope, 'Renderer', {
      sites: { [siteName]: site },
      ...(siteAccess && { siteAccess: siteAccess as SiteAccess }),
      ...(key && { encryptionKeys: { bucket: key } }),
      ...(rendererMemoryInMb && { memorySizeInMb: Number(rendererMemoryInMb) }),
      ...(rendererDiskInMb && { diskSizeInMb: Number(rendererDiskInMb) }),
      ...(rendererTimeoutInSeconds && { timeoutInSeconds: Number(rendererTimeoutInSeconds) }),
      ...(values.permissionsBoundaryArn && { permissionsBoundaryArn: values.permissionsBoundaryArn }),
    }),
  };
}

function readValues(scope: Construct): Partial<Record<ContextName, string>> | undefined {
  const values: Partial<Record<ContextName, string>> = {};
  const problems: string[] = [];
  for (const [name, { pattern, help }] of Object.entries(CONTEXT) as [ContextName, ContextValue][]) {
    const given: unknown = scope.node.tryGetContext(name);
    if (!isGiven(scope, name)) {
      const other = NEEDS[name];
      if (other && isGiven(scope, other))
        problems.push(`${name} is missing beside ${other}; expected ${help}.`);
    } else if (!pattern.test(String(given))) {
      problems.push(`${name} is ${JSON.stringify(given)}; expected ${help}.`);
    } else {
      values[name] = String(given);
    }
  }
  problems.push(...unused(values));
  if (problems.length === 0) return values;
  Annotations.of(scope).addError(
    `InvalidContext: The CDK context is not complete (give values as "-c name=value" or under "context" in cdk.json):\n- ${problems.join('\n- ')}`,
  );
  Validations.of(scope).acknowledge({
    id: 'CloudFormation-Validate::F0001',
    reason: 'The stack is empty because its settings are not complete, which is the error to tell.',
  });
  return undefined;
}

function isGiven(scope: Construct, name: ContextName): boolean {
  const given: unknown = scope.node.tryGetContext(name);
  return given !== undefined && given !== '';
}

/** Values that would change nothing, because they are about a destination bucket that is not there. */
function unused(values: Partial<Record<ContextName, string>>): string[] {
  const { destinationBucketName, otherDestinationBucketNames = '', destinationBucketOwners } = values;
  const destinations = [destinationBucketName, ...otherDestinationBucketNames.split(',')];
  const owned = destinationBucketOwners?.split(',').map((pair) => pair.split('=')[0]) ?? [];
  return [
    ...owned
      .filter((name) => !destinations.includes(name))
      .map((name) => `destinationBucketOwners names ${name}, which is none of the destination buckets.`),
    ...owned
      .filter((name, i) => owned.indexOf(name) !== i)
      .map((name) => `destinationBucketOwners names ${name} twice.`),
    ...(['destinationRegion', 'destinationKmsKeyArn'] as const)
      .filter((name) => values[name] !== undefined && destinationBucketName === undefined)
      .map((name) => `${name} is of destinationBucketName, which is missing.`),
  ];
}
