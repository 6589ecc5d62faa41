import { Aws } from 'aws-cdk-lib/core';
import { publishedStatement } from './remotion-policy.ts';
import type { StepGrant } from './step-grant.ts';

/** The steps of the batch workflow, each with a role of its own. */
export type BatchStep = 'PrepareBatch' | 'AdmitRow' | 'RecordRow' | 'FollowBatch' | 'SummarizeBatch';

const BATCHES = 'Batches and their executions are named at run time.';

/** A bucket's ARN names no account: the condition refuses a bucket of the same name that is somebody else's. */
const OWN = { StringEquals: { 'aws:ResourceAccount': Aws.ACCOUNT_ID } };

/**
 * What a step of the batch workflow, or its state machine, does in the Remotion bucket, narrowed from the policy that
 * Remotion publishes.
 *
 * @param prefix `render-workflows/<workflow>/`
 */
export function batchGrants(
  step: BatchStep | 'StateMachine',
  bucketName: string,
  prefix: string,
): StepGrant[] {
  const published = publishedStatement('Storage');
  return grantsOf(step, bucketName, prefix).map((grant) =>
    // Remotion's policy has nothing about uploads in parts.
    grant.actions.every((action) => published.actions.includes(action))
      ? { ...grant, from: published }
      : grant,
  );
}

function grantsOf(step: BatchStep | 'StateMachine', bucketName: string, prefix: string): StepGrant[] {
  const bucket = `arn:${Aws.PARTITION}:s3:::${bucketName}`;
  const grant = (sid: string, actions: readonly string[], patterns: readonly string[], why: string) => ({
    sid,
    why: `${BATCHES} ${why}`,
    actions,
    resources: patterns.map((pattern) => `${bucket}/${prefix}${pattern}`),
    conditions: OWN,
  });
  const get = (sid: string, patterns: readonly string[], why: string) =>
    grant(sid, ['s3:GetObject'], patterns, why);
  const put = (sid: string, patterns: readonly string[], why: string) =>
    grant(sid, ['s3:PutObject'], patterns, why);
  const listRows = {
    sid: 'ListRows',
    why: `${BATCHES} The names of the rows' results say which rows are done, and what they have cost.`,
    actions: ['s3:ListBucket'],
    resources: [bucket],
    conditions: { StringLike: { 's3:prefix': [`${prefix}batches/*/rows/`] }, ...OWN },
  };
  switch (step) {
    case 'PrepareBatch':
      return [
        {
          sid: 'ReadTable',
          why: "A batch's items names any object there.",
          actions: ['s3:GetObject'],
          resources: [`${bucket}/batch-items/*`],
          conditions: OWN,
        },
        listRows,
        get(
          'ReadCosts',
          ['batch-costs/*'],
          'What renders of a composition have cost tells what a batch will.',
        ),
        put(
          'WriteRows',
          ['batches/*/requests/*', 'batches/*/rows.jsonl', 'batches/*/problems.jsonl', 'batch-executions/*'],
          'Distributed Map reads the rows that are to be rendered, and people what is wrong with them.',
        ),
        grant(
          'ForgetStop',
          ['s3:DeleteObject'],
          ['batches/*/stop.json'],
          'What has stopped a batch before does not stop it again.',
        ),
      ];
    case 'AdmitRow':
      return [get('ReadStop', ['batches/*/stop.json'], 'No row is started once its batch was stopped.')];
    case 'RecordRow':
      return [put('WriteResult', ['batches/*/rows/*'], 'The result of each row is an object.')];
    case 'FollowBatch':
      return [
        listRows,
        put('WriteProgress', ['batches/*/progress.json'], 'The command shows the progress.'),
        put('StopBatch', ['batches/*/stop.json'], 'No row is started once the budget is spent.'),
      ];
    case 'SummarizeBatch':
      return [
        listRows,
        get(
          'ReadRows',
          ['batches/*/rows.jsonl', 'batches/*/rows/*', 'batches/*/stop.json', 'batch-executions/*'],
          'The results of all rows are brought together.',
        ),
        put(
          'WriteResults',
          ['batches/*/results.jsonl', 'batches/*/results.csv', 'batches/*/summary.json'],
          'The results are for people and programs.',
        ),
        grant(
          'KeepCosts',
          ['s3:GetObject', 's3:PutObject'],
          ['batch-costs/*'],
          'What renders of a composition have cost tells what the next batch will.',
        ),
      ];
    case 'StateMachine':
      return [
        get('ReadRequests', ['batches/*/requests/*'], 'Distributed Map reads the rows.'),
        // As AWS wants it for a ResultWriter, which writes large files in parts.
        // Source: https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
        grant(
          'WriteMapRun',
          ['s3:PutObject', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload'],
          ['batches/*/map-runs/*'],
          'Distributed Map writes what has become of its children.',
        ),
      ];
  }
}
