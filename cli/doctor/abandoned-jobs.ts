import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { executionStatus } from './execution-status.ts';
import { readObject } from './read-object.ts';
import type { WorkflowFacts } from './workflow-facts.ts';

/** Older claims are of renders that have ended: none is longer under way. */
const LOOK_BACK_IN_MS = 24 * 60 * 60 * 1000;

const MAX_CLAIMS = 200;

/** Pages of a thousand claims that are listed. */
const MAX_PAGES = 20;

/** Remotion writes the progress of a render that runs several times a second. */
const STILL_WRITTEN_WITHIN_MS = 60_000;

/** A start is answered, or looked for, within that time. */
const START_IS_OVER_AFTER_MS = 15 * 60 * 1000;

/** What the doctor reads of a claim, as StartRender writes it (`functions/render/render-claims.ts`). */
interface Claim {
  readonly state: string;
  readonly owner: string;
  /** Milliseconds since 1970. */
  readonly claimedAt: number;
  readonly render?: { readonly renderId: string };
}

/** Jobs by their ids. */
export interface AbandonedJobs {
  /** How many claims were read. */
  readonly looked: number;
  /** Their renders run, and their executions have ended. */
  readonly running: readonly string[];
  /** Their starts have no answer, and their executions have ended. */
  readonly stuck: readonly string[];
  /** It was given up to look for their renders. */
  readonly unknown: readonly string[];
}

/** Reads the newest claims of the workflow, and what became of the executions that own them. */
export async function findAbandonedJobs(facts: WorkflowFacts): Promise<AbandonedJobs> {
  const { jobsPrefix } = await facts.settings();
  const keys = await newestClaims(facts);
  const found = await Promise.all(
    keys.map(async (key) => ({
      jobId: key.slice(jobsPrefix.length).replace(/\.json$/, ''),
      kind: await kindOf(facts, key),
    })),
  );
  const of = (wanted: string) => found.filter(({ kind }) => kind === wanted).map(({ jobId }) => jobId);
  return { looked: keys.length, running: of('running'), stuck: of('stuck'), unknown: of('unknown') };
}

async function newestClaims(facts: WorkflowFacts): Promise<string[]> {
  const { bucketName: Bucket, jobsPrefix: Prefix } = await facts.settings();
  const recent: { key: string; at: number }[] = [];
  let pages = 0;
  for await (const { Contents = [] } of paginateListObjectsV2(
    { client: facts.clients.s3 },
    { Bucket, Prefix },
  )) {
    for (const { Key: key = '', LastModified } of Contents) {
      const at = LastModified?.getTime() ?? 0;
      if (at > Date.now() - LOOK_BACK_IN_MS) recent.push({ key, at });
    }
    pages++;
    if (pages === MAX_PAGES) break;
  }
  return recent
    .sort((a, b) => b.at - a.at)
    .slice(0, MAX_CLAIMS)
    .map(({ key }) => key);
}

async function kindOf(
  facts: WorkflowFacts,
  key: string,
): Promise<'running' | 'stuck' | 'unknown' | undefined> {
  const object = await readObject(facts, key);
  const claim: Claim | undefined = object && JSON.parse(object.text);
  if (!claim) return undefined;
  if (claim.state === 'unknown') return 'unknown';
  if (claim.state !== 'starting' && claim.state !== 'started') return undefined;
  const status = await executionStatus(facts, claim.owner);
  if (status === 'RUNNING' || status === 'SUCCEEDED' || status === 'PENDING_REDRIVE') return undefined;
  if (claim.state === 'starting')
    return Date.now() - claim.claimedAt > START_IS_OVER_AFTER_MS ? 'stuck' : undefined;
  return (await isRunning(facts, claim.render?.renderId)) ? 'running' : undefined;
}

async function isRunning(facts: WorkflowFacts, renderId = ''): Promise<boolean> {
  const progress = await readObject(facts, `renders/${renderId}/progress.json`);
  if (!progress || Date.now() - progress.writtenAt > STILL_WRITTEN_WITHIN_MS) return false;
  const { postRenderData, errors = [] } = JSON.parse(progress.text) as {
    postRenderData?: object | null;
    errors?: { isFatal: boolean; willRetry: boolean }[];
  };
  return !postRenderData && !errors.some(({ isFatal, willRetry }) => isFatal && !willRetry);
}
