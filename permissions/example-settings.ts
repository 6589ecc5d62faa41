import { EVERY_WAY_IN } from '../local/describe-ways-in.ts';

/** Context values of the stack whose policies docs/permissions.md shows; the functions are not bundled. */
export const EXAMPLE_SETTINGS = {
  'aws:cdk:bundling-stacks': [],
  ...EVERY_WAY_IN,
  remotionFunctionName: 'remotion-render-4-0-527-mem2048mb-disk2048mb-240sec',
  remotionBucketName: 'remotionlambda-useast1-example',
} as const;
