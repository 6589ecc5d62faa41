import { DescribeExecutionCommand, type SFNClient } from '@aws-sdk/client-sfn';
import type { RenderRequest, RenderResult } from '../../statemachine/contract.ts';
import { readRequest } from '../../statemachine/read-request.ts';
import type { ExecutionFeed } from './execution-feed.ts';
import { parse } from './execution-story.ts';
import type { Listed } from './executions-list.ts';
import { lookAtNewest } from './look-at-newest.ts';

/** An execution of the render workflow in the list. */
export interface ListedRender extends Listed {
  readonly jobId?: string;
  readonly composition?: string;
  readonly codec?: string;
  /** Of the batch whose row it renders. */
  readonly batchId?: string;
  /** From 1. */
  readonly row?: string;
  /** The state that a running one is in. */
  readonly state?: string;
  readonly progressInPercent?: number;
  readonly costInUsd?: number;
  /** Name of the error. */
  readonly error?: string;
  /** How often Lambda has had no capacity for its start. */
  readonly throttled?: number;
  /** Of one that waits for its turn: tickets in their order are the line. */
  readonly ticket?: string | undefined;
}

/**
 * Finds out what the list of executions does not say.
 *
 * @param watched Where somebody watches the execution itself: its history is then known already.
 */
export async function learnRender(
  sfn: SFNClient,
  executionArn: string,
  listed: ListedRender,
  watched: ExecutionFeed | undefined,
): Promise<Partial<ListedRender>> {
  let facts: Partial<ListedRender> = {};
  if (listed.composition === undefined || listed.status !== 'RUNNING') {
    facts = await describe(sfn, executionArn, listed.name);
    if (facts.status === 'SUCCEEDED') return { ...facts, progressInPercent: 100 };
  }
  const { story, watch } = watched ?? (await lookAtNewest(sfn, executionArn));
  const { state, progress } = watch.update;
  const last = story.visits.at(-1);
  const throttled = (last?.attempts ?? []).filter(({ error }) => error === 'RenderStartThrottled');
  return {
    ...facts,
    ...(state && { state }),
    throttled: throttled.length,
    ticket: last?.ticket,
    ...(progress && { progressInPercent: progress.progressInPercent, costInUsd: progress.costInUsd }),
  };
}

async function describe(sfn: SFNClient, executionArn: string, name: string): Promise<Partial<ListedRender>> {
  const { input, output, status, error } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  const { request, jobId } = readRequest(parse(input), name);
  const { render, context } = (request ?? {}) as Partial<RenderRequest>;
  const { costInUsd } = (parse(output) ?? {}) as Partial<RenderResult>;
  const batchId = text(context?.batchId);
  const row = text(context?.row);
  const codec = text(render?.codec);
  return {
    ...(status && { status }),
    jobId: text(jobId) ?? name,
    composition: text(render?.composition) ?? '',
    ...(codec && { codec }),
    ...(batchId && row && { batchId, row }),
    ...(error && { error }),
    ...(costInUsd !== undefined && { costInUsd }),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, 200) : undefined;
}
