import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { matchesPattern } from '../local/iam/pattern.ts';
import type { Grant } from './explained-statement.ts';

const FILE = join(import.meta.dirname, 'exercised-by.json');

/** Name of the proof's scenario that fails without the grant, by the grant's name. */
export type ExercisedBy = Readonly<Record<string, string>>;

/** As `npm run prove:permissions -- --write` has left it. */
export function readExercisedBy(): ExercisedBy {
  return JSON.parse(readFileSync(FILE, 'utf8'));
}

export function writeExercisedBy(exercisedBy: ExercisedBy): void {
  const sorted = Object.fromEntries(Object.entries(exercisedBy).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(FILE, `${JSON.stringify(sorted, null, 2)}\n`);
}

/** Actions that nothing on this machine asks for, and why. */
const NOT_EXERCISED: readonly { actions: string[]; resource?: RegExp; why: string }[] = [
  {
    actions: ['logs:*'],
    why: 'Lambda and Step Functions write logs themselves, outside of the code that runs here',
  },
  {
    actions: ['sqs:GetQueueAttributes'],
    why: 'EventBridge Pipes asks for it itself, to know the queue that it takes messages from',
  },
  {
    actions: ['s3:GetObject', 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload'],
    resource: /\/map-runs\/\*$/,
    why: 'Distributed Map asks for it itself, where it writes results in parts',
  },
  {
    actions: ['states:DescribeExecution', 'states:StopExecution'],
    resource: /:execution:[^:]*RenderBatch[^:]*:\*$/,
    why: 'Distributed Map asks for it itself, as AWS documents it',
  },
  { actions: ['xray:*'], why: 'traces go to a daemon of Lambda and to Step Functions itself' },
];

/** Why a grant cannot be exercised on this machine, if it cannot. */
export function whyNotExercised({
  action,
  resource: asked,
}: Pick<Grant, 'action' | 'resource'>): string | undefined {
  return NOT_EXERCISED.find(
    ({ actions, resource }) =>
      actions.some((pattern) => matchesPattern(pattern, action)) && (resource?.test(asked) ?? true),
  )?.why;
}
