import { DISTRIBUTED_FIELDS } from './check-map.ts';

/** Of what has states: a machine, a branch, an item processor. */
export const BLOCK_FIELDS = ['Comment', 'StartAt', 'States'];
/** Of every state. */
export const COMMON_FIELDS = ['Type', 'Comment', 'QueryLanguage'];
const FLOW_FIELDS = ['Next', 'End'];
const ERROR_FIELDS = ['Retry', 'Catch'];

/** The fields of each state type beside the common ones. */
export const FIELDS: Record<string, readonly string[]> = {
  Pass: [...FLOW_FIELDS, 'Assign', 'Output'],
  Task: [
    ...FLOW_FIELDS,
    ...ERROR_FIELDS,
    'Resource',
    'Arguments',
    'Assign',
    'Output',
    'TimeoutSeconds',
    'HeartbeatSeconds',
  ],
  Wait: [...FLOW_FIELDS, 'Seconds', 'Timestamp', 'Assign', 'Output'],
  Choice: ['Choices', 'Default', 'Assign', 'Output'],
  Succeed: ['Output'],
  Fail: ['Error', 'Cause'],
  Parallel: [...FLOW_FIELDS, ...ERROR_FIELDS, 'Branches', 'Arguments', 'Assign', 'Output'],
  Map: [
    ...FLOW_FIELDS,
    ...ERROR_FIELDS,
    'Items',
    'ItemSelector',
    'ItemProcessor',
    'MaxConcurrency',
    'ToleratedFailureCount',
    'ToleratedFailurePercentage',
    ...DISTRIBUTED_FIELDS,
    'Assign',
    'Output',
  ],
};

/** What a JSONPath state may have: fields without data in them, which mean the same in both languages. */
export const JSONPATH_FIELDS: Record<string, readonly string[]> = {
  Pass: FLOW_FIELDS,
  Succeed: [],
  Fail: ['Error', 'Cause'],
  Wait: [...FLOW_FIELDS, 'Seconds', 'Timestamp'],
};
