import { createHash } from 'node:crypto';
import type { RenderPriority } from '../../statemachine/contract.ts';

/** How much earlier than it came a render counts as waiting, in milliseconds: so nobody waits for ever behind others. */
const HEAD_START_IN_MS: Readonly<Record<RenderPriority, number>> = {
  high: 15 * 60_000,
  normal: 0,
  low: -15 * 60_000,
};

/** What is known of a render that waits for its turn. */
export interface TicketFacts {
  /** Whether it goes before all others: its render has begun and was throttled. */
  readonly goesFirst: boolean;
  readonly priority: RenderPriority;
  /** When its execution first came to wait, in milliseconds since 1970. */
  readonly arrivedAt: number;
  /** When it need not wait any longer, in milliseconds since 1970. */
  readonly giveUpAt: number;
  readonly executionArn: string;
  readonly taskToken: string;
}

/** What the id alone tells. */
export interface ReadTicketId extends Pick<TicketFacts, 'arrivedAt' | 'giveUpAt'> {
  /** Of the execution's ARN. */
  readonly executionHash: string;
}

/**
 * The id of a ticket, under which it lies in the bucket: ids in the order of their characters are the line. Each
 * attempt to wait has another id, so that nobody who calls an earlier one takes this one away.
 */
export function ticketId({ goesFirst, priority, arrivedAt, giveUpAt, ...of }: TicketFacts): string {
  const place = String(Math.max(0, arrivedAt - HEAD_START_IN_MS[priority])).padStart(14, '0');
  return [
    `${goesFirst ? 0 : 1}${place}`,
    arrivedAt.toString(36),
    giveUpAt.toString(36),
    hashOfExecution(of.executionArn),
    hash(of.taskToken).slice(0, 12),
  ].join('-');
}

export function readTicketId(id: string): ReadTicketId {
  const [, arrivedAt = '', giveUpAt = '', executionHash = ''] = id.split('-');
  return {
    arrivedAt: Number.parseInt(arrivedAt, 36),
    giveUpAt: Number.parseInt(giveUpAt, 36),
    executionHash,
  };
}

/** By which an execution's tickets are known. */
export function hashOfExecution(executionArn: string): string {
  return hash(executionArn).slice(0, 16);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
