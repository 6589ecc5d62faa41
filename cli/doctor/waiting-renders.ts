import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { executionStatus } from './execution-status.ts';
import { readObject } from './read-object.ts';
import type { WorkflowFacts } from './workflow-facts.ts';

/** Pages of a thousand tickets that are listed. */
const MAX_PAGES = 20;

/** Places whose executions are asked for. */
const MAX_PLACES = 200;

/** The sweep comes every minute: what it finds is put right within some of them. */
const SWEPT_WITHIN_IN_MS = 10 * 60_000;

/** What the doctor reads of the register, as the turns write it (`functions/turns/register.ts`). */
interface Place {
  readonly executionArn: string;
  readonly jobId: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** The renders that have a place, and those that wait for one. */
export interface WaitingRenders {
  readonly places: number;
  readonly waiting: number;
  /** When the first that still waits came, in milliseconds since 1970; undefined where nobody waits. */
  readonly oldest: number | undefined;
  /** How many wait for longer than their requests allow. */
  readonly late: number;
  /** Jobs whose places are held by executions that have ended. */
  readonly held: readonly string[];
}

/** Reads the register of the turns and the tickets of those who wait. */
export async function findWaitingRenders(facts: WorkflowFacts): Promise<WaitingRenders> {
  const { turnsPrefix } = await facts.settings();
  const [register, tickets] = await Promise.all([
    readObject(facts, `${turnsPrefix}register.json`),
    listTickets(facts, `${turnsPrefix}waiting/`),
  ]);
  const { places = [] }: { places?: readonly Place[] } = JSON.parse(register?.text ?? '{}');
  const longAgo = Date.now() - SWEPT_WITHIN_IN_MS;
  const held = await Promise.all(
    places
      .filter(({ since }) => since < longAgo)
      .slice(0, MAX_PLACES)
      .map(async ({ executionArn, jobId }) =>
        (await executionStatus(facts, executionArn)) === 'RUNNING' ? [] : [jobId],
      ),
  );
  return {
    places: places.length,
    waiting: tickets.length,
    oldest: tickets.length === 0 ? undefined : Math.min(...tickets.map(({ arrivedAt }) => arrivedAt)),
    late: tickets.filter(({ giveUpAt }) => giveUpAt < longAgo).length,
    held: held.flat(),
  };
}

/** What the keys of the tickets say (`functions/turns/ticket-id.ts`). */
async function listTickets(facts: WorkflowFacts, Prefix: string) {
  const { bucketName: Bucket } = await facts.settings();
  const tickets: { arrivedAt: number; giveUpAt: number }[] = [];
  let pages = 0;
  for await (const { Contents = [] } of paginateListObjectsV2(
    { client: facts.clients.s3 },
    { Bucket, Prefix },
  )) {
    for (const { Key = '' } of Contents) {
      const [, arrivedAt = '', giveUpAt = ''] = Key.slice(Prefix.length).split('-');
      tickets.push({ arrivedAt: Number.parseInt(arrivedAt, 36), giveUpAt: Number.parseInt(giveUpAt, 36) });
    }
    pages++;
    if (pages === MAX_PAGES) break;
  }
  return tickets;
}
