import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Aws, CustomResource, Duration, FileSystem, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { RenderStep } from '../render-step.ts';
import { REPLACED_SITE_TAG } from './renderer-bucket.ts';
import { SITES } from './site-address.ts';

/** `.ts`, or `.js` in the built package. */
const BUNDLER = join(import.meta.dirname, `bundle-site${extname(import.meta.filename)}`);

/**
 * What Lambda takes of a function's code is 250 MB, in which there is a function, too.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const MAX_SIZE_IN_BYTES = 240 * 1024 * 1024;

/** A site that is ready to be uploaded. */
export interface SiteFiles {
  readonly name: string;
  readonly folder: string;
  /** Of its files. */
  readonly hash: string;
}

/**
 * A site's files: those of a folder that `npx remotion bundle` has made, or of a Remotion entry point, which is
 * bundled now.
 *
 * @throws Error `InvalidSite`
 */
export function siteFiles(scope: Construct, name: string, source: string): SiteFiles {
  // Source: https://www.remotion.dev/docs/lambda/deploysite#sitename
  if (!/^[-0-9a-zA-Z!_.*'()]+$/.test(name))
    throw invalidSite(`"${name}" is no name of a site: letters, digits and -!_.*'() are accepted`);
  const path = resolve(source);
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory();
  if (isFolder === undefined) throw invalidSite(`there is no ${path}`);
  if (isFolder && !existsSync(join(path, 'index.html')))
    throw invalidSite(`${path} has no index.html; expected a folder that "npx remotion bundle" has made`);
  const folder = isFolder ? path : bundled(scope, path);
  const size = sizeOf(folder);
  if (size > MAX_SIZE_IN_BYTES)
    throw invalidSite(
      `the files of "${name}" have ${size} bytes, and at most ${MAX_SIZE_IN_BYTES} can be deployed; serve large assets from a bucket, by their URLs`,
    );
  return { name, folder, hash: FileSystem.fingerprint(folder).slice(0, 10) };
}

function bundled(scope: Construct, entryPoint: string): string {
  // What is only listed or destroyed is not bundled, as with functions.
  if (!Stack.of(scope).bundlingRequired) return entryPoint;
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [BUNDLER, entryPoint], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw error ?? notBundled(entryPoint, stderr);
  return stdout.trimEnd().split('\n').at(-1) ?? '';
}

function notBundled(entryPoint: string, printed: string): Error {
  // Packages, and not files by their paths: "Can't resolve 'react/jsx-runtime'".
  const missing = [...printed.matchAll(/Can't resolve '(@[\w.-]+\/[\w.-]+|[\w-][\w.-]*)/g)].map(
    ([, name]) => name,
  );
  const remedy = missing.length > 0 ? `; run npm install ${[...new Set(missing)].join(' ')}` : '';
  return invalidSite(`${entryPoint} cannot be bundled${remedy}:\n${printed}`);
}

function sizeOf(path: string): number {
  const found = statSync(path);
  if (found.isFile()) return found.size;
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

function invalidSite(message: string): Error {
  const error = new Error(message);
  error.name = 'InvalidSite';
  return error;
}

export interface RendererSiteProps {
  readonly files: SiteFiles;
  readonly bucket: Bucket;
  readonly bucketName: string;
  readonly serviceName: string;
  readonly logRetention: RetentionDays;
  readonly logEncryptionKey?: IKey;
}

/** A site under a name that its files decide: `sites/<name>-<hash>/`. Other files are another site beside it. */
export class RendererSite extends Construct {
  /** `<name>-<hash>` */
  readonly folder: string;

  constructor(scope: Construct, id: string, props: RendererSiteProps) {
    super(scope, id);
    const { files, bucket, bucketName, ...logs } = props;
    const folder = `${files.name}-${files.hash}`;
    this.folder = folder;
    const step = new RenderStep(this, 'Deploy', {
      entry: 'deploy-site',
      site: files,
      description: `Puts the site ${files.name} into the Remotion bucket.`,
      policies: {
        Site: [
          {
            sid: 'WriteSite',
            why: 'A site has any files. Those of a site that has been replaced get a tag, by which they expire.',
            actions: ['s3:PutObject', 's3:PutObjectTagging'],
            resources: [`arn:${Aws.PARTITION}:s3:::${bucketName}/${SITES}/${folder}/*`],
            conditions: { StringEquals: { 'aws:ResourceAccount': Aws.ACCOUNT_ID } },
          },
        ],
      },
      environment: {},
      timeout: Duration.minutes(15),
      memorySize: 1024,
      ...logs,
    });
    new CustomResource(this, 'Files', {
      serviceToken: step.function.functionArn,
      resourceType: 'Custom::RemotionSite',
      serviceTimeout: Duration.minutes(16),
      properties: {
        BucketName: bucket.bucketName,
        Prefix: `${SITES}/${folder}`,
        ReplacedTag: `${REPLACED_SITE_TAG.key}=${REPLACED_SITE_TAG.value}`,
      },
    });
  }
}
