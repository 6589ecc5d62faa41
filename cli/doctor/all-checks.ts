import type { Check } from './check.ts';
import { accountChecks } from './checks/account-checks.ts';
import { alarmChecks } from './checks/alarm-checks.ts';
import { concurrencyCheck } from './checks/concurrency-check.ts';
import { destinationChecks } from './checks/destination-checks.ts';
import { eventChecks } from './checks/event-checks.ts';
import { remainsChecks } from './checks/remains-checks.ts';
import { remotionBucketChecks } from './checks/remotion-bucket-checks.ts';
import { remotionFunctionChecks } from './checks/remotion-function-checks.ts';
import { renderCheck, siteChecks } from './checks/site-checks.ts';
import { turnChecks } from './checks/turn-checks.ts';
import { workflowChecks } from './checks/workflow-checks.ts';

/** All checks in the order in which they are told. */
export const ALL_CHECKS: readonly Check[] = [
  ...accountChecks,
  ...workflowChecks,
  ...remotionFunctionChecks,
  concurrencyCheck,
  ...remotionBucketChecks,
  ...siteChecks,
  ...destinationChecks,
  ...eventChecks,
  ...alarmChecks,
  ...turnChecks,
  ...remainsChecks,
  renderCheck,
];

export { renderCheck };
