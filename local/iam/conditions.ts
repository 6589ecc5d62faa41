import type { PolicyStatement } from '../aws.ts';
import {
  type ConditionContext,
  contextValue,
  literal,
  matchesArn,
  matchesPattern,
  NotUnderstood,
} from './pattern.ts';

/**
 * Condition keys with one value that the services of this machine give where AWS does. A key that is in a policy,
 * but neither here nor in the request, is not "absent": what it would be on AWS is unknown.
 * Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html#amazons3-policy-keys
 */
const KNOWN_KEYS = new Set(
  [
    'aws:PrincipalAccount',
    'aws:PrincipalArn',
    'aws:PrincipalIsAWSService',
    'aws:PrincipalServiceName',
    'aws:RequestedRegion',
    'aws:ResourceAccount',
    'aws:SecureTransport',
    'aws:SourceAccount',
    'aws:SourceArn',
    's3:delimiter',
    's3:if-match',
    's3:if-none-match',
    's3:max-keys',
    's3:ObjectCreationOperation',
    's3:prefix',
    's3:x-amz-acl',
    's3:x-amz-copy-source',
    's3:x-amz-metadata-directive',
    's3:x-amz-server-side-encryption',
    's3:x-amz-server-side-encryption-aws-kms-key-id',
    's3:x-amz-storage-class',
  ].map((key) => key.toLowerCase()),
);

/**
 * Known keys of which a request has a list of values (`ArrayOfString`), so that only set operators compare them.
 * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html#amazoneventbridge-policy-keys
 */
const MULTIVALUED_KEYS = new Set(['events:detail-type', 'events:source']);

type Comparison = (actual: string, expected: string, context: ConditionContext) => boolean;

const equals: Comparison = (actual, expected, context) => actual === literal(expected, context);
const equalsIgnoreCase: Comparison = (actual, expected, context) =>
  actual.toLowerCase() === literal(expected, context).toLowerCase();
const like: Comparison = (actual, expected, context) => matchesPattern(expected, actual, context);
const arnLike: Comparison = (actual, expected, context) => matchesArn(expected, actual, context);
const numeric =
  (compare: (actual: number, expected: number) => boolean): Comparison =>
  (actual, expected) => {
    if (actual.trim() === '' || expected.trim() === '' || Number.isNaN(Number(expected))) return false;
    return compare(Number(actual), Number(expected));
  };

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  StringEquals: equals,
  StringEqualsIgnoreCase: equalsIgnoreCase,
  StringLike: like,
  ArnEquals: arnLike,
  ArnLike: arnLike,
  Bool: equalsIgnoreCase,
  NumericEquals: numeric((a, b) => a === b),
  NumericLessThan: numeric((a, b) => a < b),
  NumericLessThanEquals: numeric((a, b) => a <= b),
  NumericGreaterThan: numeric((a, b) => a > b),
  NumericGreaterThanEquals: numeric((a, b) => a >= b),
};

const NEGATED: Readonly<Record<string, Comparison>> = {
  StringNotEquals: equals,
  StringNotEqualsIgnoreCase: equalsIgnoreCase,
  StringNotLike: like,
  ArnNotEquals: arnLike,
  ArnNotLike: arnLike,
  NumericNotEquals: numeric((a, b) => a === b),
};

/**
 * Whether a statement's Condition holds for a request: all operators and keys of it, one value of each.
 * Throws NotUnderstood for an operator or a key that this machine does not evaluate.
 */
export function conditionHolds(condition: PolicyStatement['Condition'], context: ConditionContext): boolean {
  return Object.entries(condition ?? {})
    .flatMap(([operator, keys]) => Object.entries(keys).map(([key, values]) => ({ operator, key, values })))
    .map(({ operator, key, values }) => holds(operator, key, [values].flat().map(String), context))
    .every(Boolean);
}

function holds(operator: string, key: string, expected: string[], context: ConditionContext): boolean {
  const actual = contextValue(context, key);
  const isMultivalued = MULTIVALUED_KEYS.has(key.toLowerCase());
  if (actual === undefined && !isMultivalued && !KNOWN_KEYS.has(key.toLowerCase()))
    throw new NotUnderstood(`the condition key ${key}`);
  if (operator === 'Null') return expected.some((value) => (value === 'true') === (actual === undefined));

  const [, set, single = ''] = /^(?:(ForAllValues|ForAnyValue):)?(.+)$/.exec(operator) ?? [];
  if (isMultivalued !== (set !== undefined))
    throw new NotUnderstood(
      isMultivalued
        ? `the condition operator ${operator} of ${key}, which has a list of values`
        : `the condition operator ${operator} of ${key}, which has one value`,
    );
  // A request of this machine has at most one value of a key: each entry is decided by itself. Of none, all are right.
  const ifExists = set === 'ForAllValues' || single.endsWith('IfExists');
  const name = single.replace(/IfExists$/, '');
  const comparison = COMPARISONS[name];
  const negated = NEGATED[name];
  if (comparison) {
    if (actual === undefined) return ifExists;
    return expected.some((value) => comparison(actual, value, context));
  }
  if (negated) {
    if (actual === undefined) return set !== 'ForAnyValue';
    return !expected.some((value) => negated(actual, value, context));
  }
  throw new NotUnderstood(`the condition operator ${operator}`);
}
