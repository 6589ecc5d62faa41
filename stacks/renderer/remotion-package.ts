import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { LambdaClientInternals } from '@remotion/lambda/client';

const require = createRequire(import.meta.url);
const MANIFEST = require.resolve('@remotion/lambda/package.json');
const inPackage = (...path: string[]): string => join(dirname(MANIFEST), ...path);

/** Fonts and emojis that a function has. Source: https://www.remotion.dev/docs/lambda/runtime#runtime-preference */
export type LayersPreset = 'default' | 'apple-emojis' | 'cjk';

interface HostedLayer {
  readonly layerArn: string;
  readonly version: number;
}

/** What the installed `@remotion/lambda` says of the function that its own command would make. */
export interface RemotionPackage {
  readonly version: string;
  /** Path of the function's code. */
  readonly zip: string;
  /** E.g. `nodejs24.x`. */
  readonly runtime: string;
  /** The version of the runtime that Remotion pins its functions to: the last part of its ARN. */
  readonly runtimeVersion: string;
  /** ARNs of Remotion's layers, with their versions, by region. */
  layers(preset: LayersPreset): Readonly<Record<string, readonly string[]>>;
  /** Lifecycle rules that Remotion's `deleteAfter` counts on. */
  readonly deleteAfter: readonly { readonly id: string; readonly prefix: string; readonly days: number }[];
}

/**
 * Reads what a function, its layers and its bucket have to be from the installed package, so that they change with
 * it. Not all of that is among the package's exports.
 *
 * @throws Error `RemotionPackageChanged`, naming what is not where it was.
 */
export function readRemotionPackage(): RemotionPackage {
  const creation = readFileSync(inPackage('dist', 'api', 'create-function.js'), 'utf8');
  const found = (what: string, pattern: RegExp): string =>
    pattern.exec(creation)?.[1] ?? changed(`dist/api/create-function.js names no ${what}`);
  return {
    version: require(MANIFEST).version,
    zip: inPackage('remotionlambda-arm64.zip'),
    runtime: found('runtime', /Runtime: '(nodejs\d+\.x)'/),
    runtimeVersion: found('version of the runtime', /::runtime:([0-9a-f]{64})`/),
    layers: readLayers,
    deleteAfter: LambdaClientInternals.getLifeCycleRules().map(({ ID, Filter, Expiration }) => ({
      id: ID ?? changed('getLifeCycleRules() has a rule without an ID'),
      prefix: Filter?.Prefix ?? changed(`the lifecycle rule ${ID} has no prefix`),
      days: Expiration?.Days ?? changed(`the lifecycle rule ${ID} has no days`),
    })),
  };
}

function readLayers(preset: LayersPreset): Record<string, string[]> {
  const { hostedLayers = changed('dist/shared/hosted-layers.js exports no hostedLayers') } = require(
    inPackage('dist', 'shared', 'hosted-layers.js'),
  ) as { hostedLayers?: Record<string, readonly HostedLayer[]> };
  const { getLayers = changed('dist/shared/get-layers.js exports no getLayers') } = require(
    inPackage('dist', 'shared', 'get-layers.js'),
  ) as { getLayers?: (options: { option: LayersPreset; region: string }) => readonly HostedLayer[] };
  return Object.fromEntries(
    Object.keys(hostedLayers)
      .sort()
      .map((region) => [
        region,
        getLayers({ option: preset, region }).map(({ layerArn, version }) => `${layerArn}:${version}`),
      ]),
  );
}

function changed(what: string): never {
  const error = new Error(
    `The installed @remotion/lambda is not as stacks/renderer/remotion-package.ts knows it: ${what}. Use the version in this package's package.json, or compare.`,
  );
  error.name = 'RemotionPackageChanged';
  throw error;
}
