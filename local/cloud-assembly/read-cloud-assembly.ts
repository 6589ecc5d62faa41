import { readFileSync } from 'node:fs';
import { resolve as resolvePath } from 'node:path';
import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../aws.ts';
import { buildLocalStack, type StackSource } from './build-local-stack.ts';
import type { LocalStack } from './local-stack.ts';
import { type Template, UnsupportedTemplate } from './template.ts';

interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly additionalMetadataFile?: string;
  readonly properties?: {
    readonly templateFile?: string;
    readonly file?: string;
    readonly stackName?: string;
  };
}

interface AssetManifest {
  readonly files?: Readonly<
    Record<
      string,
      {
        readonly source: { readonly path?: string; readonly packaging?: string };
        readonly destinations: Readonly<Record<string, { readonly objectKey: string }>>;
      }
    >
  >;
}

export interface ReadCloudAssemblyOptions {
  /** The gateway's address, e.g. `http://127.0.0.1:4566`; queue URLs start with it. */
  readonly endpoint: string;
  /** Which stack to read; needed only where the assembly has several. */
  readonly stackName?: string;
}

/**
 * Reads a folder that `cdk synth` has written and resolves its stack for this machine.
 * Throws UnsupportedTemplate, with the path in the template, for what the one-machine run does not do.
 */
export function readCloudAssembly(directory: string, options: ReadCloudAssemblyOptions): LocalStack {
  return buildLocalStack({ ...readSource(directory, options), endpoint: options.endpoint });
}

/** The stack of a cloud assembly, unresolved. Throws UnsupportedTemplate for one of another account or region. */
export function readSource(
  directory: string,
  { stackName }: Pick<ReadCloudAssemblyOptions, 'stackName'>,
): Omit<StackSource, 'endpoint'> {
  const { readJson, artifacts, name, artifact, template } = openCloudAssembly(directory, stackName);
  checkEnvironment(name, artifact.environment);

  const assets = new Map<string, string>();
  for (const { type, properties } of Object.values(artifacts)) {
    if (type !== 'cdk:asset-manifest' || !properties?.file) continue;
    for (const { source, destinations } of Object.values(
      (readJson(properties.file) as AssetManifest).files ?? {},
    ))
      for (const { objectKey } of Object.values(destinations))
        if (source.path) assets.set(objectKey, resolvePath(directory, source.path));
  }
  return {
    name,
    template,
    assetPath(objectKey, path) {
      const file = assets.get(objectKey);
      if (!file) throw new UnsupportedTemplate(path, `${objectKey} is no asset of this cloud assembly`);
      return file;
    },
  };
}

/** The one stack of a cloud assembly and its template, references unresolved. Throws UnsupportedTemplate. */
export function openCloudAssembly(directory: string, stackName?: string) {
  const readJson = (file: string): unknown => JSON.parse(readFileSync(resolvePath(directory, file), 'utf8'));
  const { artifacts } = readJson('manifest.json') as { artifacts: Record<string, Artifact> };
  const stacks = Object.entries(artifacts)
    .filter(([, { type }]) => type === 'aws:cloudformation:stack')
    .map(([id, artifact]) => ({ name: artifact.properties?.stackName ?? id, artifact }))
    .filter(({ name }) => stackName === undefined || name === stackName);
  const [stack] = stacks;
  if (!stack || stacks.length > 1) {
    const names = stacks.map(({ name }) => name).join(', ') || 'none';
    throw new UnsupportedTemplate('manifest.json', `one stack is needed, found: ${names}`);
  }
  const template = readJson(stack.artifact.properties?.templateFile ?? '') as Template;
  return { ...stack, template, artifacts, readJson };
}

/** The errors that constructs of a cloud assembly have been given, for which `cdk deploy` refuses it. */
export function errorsOf(directory: string): string[] {
  const readJson = (file: string) => JSON.parse(readFileSync(resolvePath(directory, file), 'utf8'));
  const { artifacts } = readJson('manifest.json') as { artifacts: Record<string, Artifact> };
  return Object.values(artifacts)
    .flatMap(({ additionalMetadataFile: file }) => (file ? Object.values(readJson(file)) : []))
    .flat()
    .map((entry) => entry as { readonly type: string; readonly data: string })
    .filter(({ type }) => type === 'aws:cdk:error')
    .map(({ data }) => data);
}

function checkEnvironment(stackName: string, environment = ''): void {
  const [account, region] = environment.replace('aws://', '').split('/');
  const accountFits = [LOCAL_ACCOUNT_ID, 'unknown-account'].includes(account ?? '');
  const regionFits = [LOCAL_REGION, 'unknown-region'].includes(region ?? '');
  if (!accountFits || !regionFits)
    throw new UnsupportedTemplate(
      'manifest.json',
      `${stackName} is synthesized for ${environment}; the one-machine run is aws://${LOCAL_ACCOUNT_ID}/${LOCAL_REGION} ` +
        'and needs a stack without an environment of its own',
    );
}
