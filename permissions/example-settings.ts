import { EVERY_WAY_IN } from '../local/describe-ways-in.ts';

/** Context values of the stack whose policies docs/permissions.md shows; the functions are not bundled. */
export const EXAMPLE_SETTINGS = {
  'aws:cdk:bundling-stacks': [],
  ...EVERY_WAY_IN,
  maxConcurrentRenders: '500',
} as const;
