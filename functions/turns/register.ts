import type { Ticket } from './waiting-line.ts';

/** A render that may run, or is about to be told so. */
export interface Place {
  /** Id of the ticket that it was given to. An execution that waits again has another. */
  readonly ticket: string;
  readonly executionArn: string;
  readonly jobId: string;
  /** When it was given, or its ticket called again, in milliseconds since 1970. */
  readonly since: number;
  /** When its execution came for it. Until then it may be given to another; from then on only its end frees it. */
  readonly takenAt?: number;
}

/** Who may run: one object for all renders of a workflow. */
export interface Register {
  readonly version: 1;
  readonly places: readonly Place[];
  /** The first of the line as somebody has found them, so that few who hand out have to look. */
  readonly next?: readonly Ticket[];
}

export const EMPTY_REGISTER: Register = { version: 1, places: [] };

/** Who gives a place calls its ticket within this time, in milliseconds, or has died. */
const CALLED_WITHIN_IN_MS = 5_000;

/** Whether somebody else has to call the place's ticket, if that is still there. */
export function isUncalled({ since, takenAt }: Place, now: number): boolean {
  return takenAt === undefined && now - since > CALLED_WITHIN_IN_MS;
}

/** As called now. Without a limit there is nothing to make sure of: such places count as taken. */
export function withCalled(
  places: readonly Place[],
  tickets: readonly Ticket[],
  { limit, now }: { limit: number; now: number },
): Place[] {
  const given = tickets.map(({ id: ticket, executionArn, jobId }) => ({
    ...{ ticket, executionArn, jobId, since: now },
    ...(limit === Number.POSITIVE_INFINITY && { takenAt: now }),
  }));
  const called = new Set(given.map(({ ticket }) => ticket));
  return [...places.filter(({ ticket }) => !called.has(ticket)), ...given];
}
