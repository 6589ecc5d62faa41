import { paginateListFunctions } from '@aws-sdk/client-lambda';
import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { findAbandonedJobs } from '../abandoned-jobs.ts';
import { type Check, ok, warn } from '../check.ts';
import { readFunctionName } from '../remotion-name.ts';

/** How many names are told. */
const NAMED = 3;

/** What runs, or is kept, for nobody. */
export const remainsChecks: readonly Check[] = [
  {
    name: 'jobs',
    about:
      'No render of the last day runs for nobody, and no claim of a job waits for an execution that has ended. Reads at most the 200 newest claims.',
    permissions: ['s3:ListBucket', 's3:GetObject', 'states:DescribeExecution'],
    async run(facts) {
      const { looked, running, stuck, unknown } = await findAbandonedJobs(facts);
      if (running.length > 0)
        return warn(
          `renders that run though their executions have ended: ${some(running)}`,
          'Send the same requests again to have the videos, or stop them with cancelRenderOnLambda of Remotion.',
        );
      if (unknown.length > 0)
        return warn(
          `jobs of which it is not known whether their render has started: ${some(unknown)}`,
          'docs/errors.md says under StartOutcomeUnknown what to look for; another jobId is free.',
        );
      if (stuck.length > 0)
        return warn(
          `starts that no execution waits for: ${some(stuck)}`,
          'Send the same requests again: the next execution looks for the render of the start, and goes on with it.',
        );
      return ok(
        looked === 0 ? 'none in the last day' : `${looked} of the last day, each with its execution or ended`,
      );
    },
  },
  {
    name: 'old-functions',
    about: 'No Remotion functions of other versions are left over.',
    permissions: ['lambda:ListFunctions'],
    async run(facts) {
      const { functionNames } = await facts.settings();
      const version = readFunctionName(functionNames[0])?.version;
      const old: string[] = [];
      for await (const { Functions = [] } of paginateListFunctions({ client: facts.clients.lambda }, {}))
        for (const { FunctionName = '' } of Functions) {
          const parsed = readFunctionName(FunctionName);
          if (parsed && parsed.version !== version) old.push(FunctionName);
        }
      if (old.length === 0) return ok('none');
      return warn(
        `of other versions: ${some(old)}`,
        'Remove those that no other workflow uses (npx remotion lambda functions rm NAME): they cost nothing, but can be taken for the right one.',
      );
    },
  },
  {
    name: 'old-sites',
    about: 'No sites are left in the Remotion bucket that the stack has not put there or replaced.',
    permissions: ['s3:ListBucket'],
    async run(facts) {
      const { bucketName: Bucket, siteFolders, defaultSite, hasRenderer } = await facts.settings();
      const folders: string[] = [];
      for await (const { CommonPrefixes = [] } of paginateListObjectsV2(
        { client: facts.clients.s3 },
        { Bucket, Prefix: 'sites/', Delimiter: '/' },
      ))
        folders.push(...CommonPrefixes.map(({ Prefix = '' }) => Prefix.split('/')[1] ?? ''));
      const isUsed = (folder: string) => siteFolders.includes(folder) || defaultSite?.includes(`/${folder}/`);
      const others = folders.filter((folder) => !isUsed(folder));
      // The stack's own former sites are tagged, and the bucket's lifecycle removes them.
      const left = hasRenderer ? others.filter((folder) => !/-[0-9a-f]{10}$/.test(folder)) : others;
      if (left.length > 0)
        return warn(
          `not of this stack: ${some(left)}`,
          `Remove those that no request names: aws s3 rm --recursive s3://${Bucket}/sites/NAME`,
        );
      const replaced = others.length - left.length;
      return ok(
        `${folders.length - others.length} in use${replaced > 0 ? `, ${replaced} replaced, which expire by themselves` : ''}`,
      );
    },
  },
];

function some(names: readonly string[]): string {
  const more = names.length - NAMED;
  return names.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
