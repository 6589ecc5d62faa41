import { ManagedPolicy, PermissionsBoundary, type Policy } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import {
  Annotations,
  AspectPriority,
  Aspects,
  CfnMapping,
  Duration,
  Stack,
  Tags,
  Token,
} from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { acknowledgedFindings } from '../grants/acknowledged-findings.ts';
import { allowLogGroups, explainOwner } from '../grants/encryption-keys.ts';
import { rendererNotInRemotionPolicy } from '../grants/renderer-policy.ts';
import { RenderStep } from '../render-step.ts';
import { requireSupportedApp } from '../require-supported-app.ts';
import { uniqueName } from '../unique-name.ts';
import { readRemotionPackage } from './remotion-package.ts';
import { RendererBucket } from './renderer-bucket.ts';
import { RendererFunction } from './renderer-function.ts';
import type { RemotionRendererProps } from './renderer-props.ts';
import { RendererSite, siteFiles } from './renderer-site.ts';
import { invalidRendererSize, namedSize } from './renderer-size.ts';
import { siteAddress } from './site-address.ts';

export type { RemotionRendererProps } from './renderer-props.ts';

/**
 * What Remotion Lambda needs in an account and region, as its own command would make it and with less rights: the
 * function, its bucket, and the sites. Nothing of it costs while nothing is rendered.
 *
 * Settings that cannot work are errors of the construct, for which `cdk synth` and `cdk deploy` refuse the stack:
 * `NotInRemotionPolicy`, `NotInRegion`, `DuplicateRenderer`.
 *
 * @throws Error `InvalidRendererSize`, `InvalidSite`, `RemotionPackageChanged`
 */
export class RemotionRenderer extends Construct {
  /** Remotion's bucket: sites, renders and what the workflow keeps. It stays when the stack is deleted. */
  readonly bucket: RendererBucket;
  /** The function that renders what names no other size. */
  readonly function: RendererFunction;
  /** Functions of other sizes, by the names by which requests choose them. */
  readonly otherFunctions: Readonly<Record<string, RendererFunction>>;
  /** Name of that function, which says its version and size. */
  readonly functionName: string;
  /** Names of those functions, by the same names. */
  readonly otherFunctionNames: Readonly<Record<string, string>>;
  /** Name of the bucket, of which the beginning is known when the stack is synthesized. */
  readonly bucketName: string;
  /** URL of the folder that the sites are in, without a slash at its end. */
  readonly sitesUrl: string;
  /** Folders of the sites there, by their names. */
  readonly siteFolders: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: RemotionRendererProps = {}) {
    super(scope, id);
    requireSupportedApp();
    Aspects.of(this).add(acknowledgedFindings, { priority: AspectPriority.MUTATING });
    const remotion = readRemotionPackage();
    const { siteAccess = 'cloudfront', otherSizes = {}, encryptionKeys = {} } = props;
    const { bucket: bucketKey, logs: logEncryptionKey } = encryptionKeys;
    this.bucket = new RendererBucket(this, 'Bucket', {
      remotion,
      publicPolicy: siteAccess === 'public-prefix',
      replacedSitesExpireAfterInDays: props.replacedSitesExpireAfterInDays ?? 30,
      ...(bucketKey && { encryptionKey: bucketKey }),
    });
    this.bucketName = this.bucket.remotionBucketName;

    const logs = {
      logRetention: props.logRetention ?? RetentionDays.ONE_MONTH,
      ...(logEncryptionKey && { logEncryptionKey }),
    };
    const serviceName = uniqueName(this, 80);
    const layers = this.layers(remotion.layers(props.layers ?? 'default'));
    const awaitRenders = new RenderStep(this, 'AwaitRenders', {
      entry: 'await-renders',
      description: 'Waits for the renders of a Remotion function that has been replaced.',
      policies: {},
      environment: {},
      timeout: Duration.minutes(15),
      memorySize: 128,
      serviceName,
      ...logs,
    });
    const newFunction = (size: ReturnType<typeof namedSize>) =>
      new RendererFunction(this, size.functionName, {
        remotion,
        size,
        bucketName: this.bucketName,
        layers,
        awaitRenders,
        ...logs,
        ...(bucketKey && { bucketKey }),
        ...(props.network && { network: props.network }),
        ...(props.reservedConcurrentExecutions !== undefined && {
          reservedConcurrentExecutions: props.reservedConcurrentExecutions,
        }),
      });
    const size = namedSize(props);
    const others = Object.entries(otherSizes).map(([name, other]) => [name, namedSize(other)] as const);
    const names = [size, ...others.map(([, other]) => other)].map(({ functionName }) => functionName);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice) throw invalidRendererSize(`two sizes are the same: both functions would be ${twice}`);
    this.function = newFunction(size);
    this.otherFunctions = Object.fromEntries(others.map(([name, other]) => [name, newFunction(other)]));
    this.functionName = size.functionName;
    this.otherFunctionNames = Object.fromEntries(
      others.map(([name, { functionName }]) => [name, functionName]),
    );
    for (const functionName of names)
      for (const problem of rendererNotInRemotionPolicy({ functionName, bucketName: this.bucketName }))
        Annotations.of(this).addError(problem);

    for (const functionName of names) {
      const other = sameFunction(this, functionName);
      if (other)
        Annotations.of(this).addError(
          `DuplicateRenderer: ${other.node.scope?.node.path} has ${functionName} already, in this account and region. Remotion's functions are named by their size: use one renderer for both workflows, or another size, if only by a second of timeoutInSeconds.`,
        );
    }

    this.sitesUrl = siteAddress(this, this.bucket, siteAccess);
    this.siteFolders = Object.fromEntries(
      Object.entries(props.sites ?? {}).map(([name, source]) => {
        const files = siteFiles(this, name, source);
        const site = new RendererSite(this, `${name}-${files.hash}`, {
          files,
          bucket: this.bucket,
          bucketName: this.bucketName,
          serviceName,
          ...logs,
        });
        return [name, site.folder];
      }),
    );
    for (const [key, value] of Object.entries(props.tags ?? {})) Tags.of(this).add(key, value);
    if (logEncryptionKey) allowLogGroups(logEncryptionKey);
    if (bucketKey) explainOwner(bucketKey);
    if (props.permissionsBoundaryArn)
      PermissionsBoundary.of(this).apply(
        ManagedPolicy.fromManagedPolicyArn(this, 'PermissionsBoundary', props.permissionsBoundaryArn),
      );
  }

  /** Keeps the policies that let somebody start renders as long as the functions that these are started with. */
  keepStarting(policyOf: (functionName: string) => Policy | undefined): void {
    for (const each of [this.function, ...Object.values(this.otherFunctions)]) {
      const policy = policyOf(each.functionName);
      if (policy) each.keep(policy);
    }
  }

  /** The layers of the stack's region, which may be known only when the stack is deployed. */
  private layers(byRegion: ReturnType<ReturnType<typeof readRemotionPackage>['layers']>): string[] {
    const { region } = Stack.of(this);
    if (!Token.isUnresolved(region)) {
      if (!byRegion[region])
        Annotations.of(this).addError(
          `NotInRegion: Remotion has no layers in ${region}. Deploy in one of ${Object.keys(byRegion).join(', ')}.`,
        );
      return [...(byRegion[region] ?? [])];
    }
    // In another region CloudFormation refuses the template before it makes anything.
    const mapping = new CfnMapping(this, 'Layers', {
      mapping: Object.fromEntries(
        Object.entries(byRegion).map(([name, arns]) => [name, { Arns: [...arns] }]),
      ),
    });
    return Token.asList(mapping.findInMap(region, 'Arns'));
  }
}

/** A function of another renderer of the app that would have the same name in the same place. */
function sameFunction(renderer: RemotionRenderer, functionName: string): RendererFunction | undefined {
  const stack = Stack.of(renderer);
  const isSamePlace = (other: Stack) =>
    other === stack ||
    // Of places that are known only when the stacks are deployed nothing can be said.
    (!Token.isUnresolved(`${stack.account}${stack.region}`) && other.environment === stack.environment);
  return renderer.node.root.node
    .findAll()
    .filter((each) => each instanceof RendererFunction)
    .filter((each) => each.node.scope !== renderer && each.functionName === functionName)
    .find((each) => isSamePlace(Stack.of(each)));
}
