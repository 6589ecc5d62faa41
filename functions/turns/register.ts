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
}

export const EMPTY_REGISTER: Register = { version: 1, places: [] };

/** Who gives a place calls its ticket within this time, in milliseconds, or has died. */
const CALLED_WITHIN_IN_MS = 5_000;

/** Whether somebody else has to call the place's ticket, if that is still there. */
export function isUncalled({ since, takenAt }: Place, now: number): boolean {
  return takenAt === undefined && now - since > CALLED_WITHIN_IN_MS;
}

/** The tickets that come next, as far as there is room. */
export function nextInLine(places: readonly Place[], line: readonly string[], limit: number): string[] {
  const given = new Set(places.map(({ ticket }) => ticket));
  return line.filter((ticket) => !given.has(ticket)).slice(0, Math.max(0, limit - places.length));
}
