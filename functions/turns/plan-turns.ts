import type { Place, Register } from './register.ts';
import type { Ticket } from './waiting-line.ts';

/** So many of the line are kept in the register: who hands out looks at the line itself that much less often. */
export const LOOK_AHEAD = 20;

/** What somebody who hands out knows beside the register. */
export interface KnownToPlan {
  /** How many renders may run at once. */
  readonly limit: number;
  /** Ids of tickets that have nothing any more: their places go back, and they have left the line. */
  readonly over: ReadonlySet<string>;
  /** Ids of tickets that were called in vain: they go, unless their execution has come for its place. */
  readonly refused: ReadonlySet<string>;
  /** Who has just come to wait. */
  readonly joined?: Ticket | undefined;
  /** The first of the line, where that was looked at. */
  readonly found?: readonly Ticket[] | undefined;
  /** Whether to go by the line and not by what the register has of it. */
  readonly looksAnew: boolean;
}

export interface TurnsPlan {
  /** Places that stay. */
  readonly kept: readonly Place[];
  /** How many more there may be. */
  readonly room: number;
  /** Whose turn it is. */
  readonly called: readonly Ticket[];
  /** Who comes after them. */
  readonly next: readonly Ticket[];
  /** Whether there is room for more than are known to wait. */
  readonly isShort: boolean;
  /** Whether all places were given. */
  readonly wasFull: boolean;
  /** Whether the register changes, though nobody is called. */
  readonly isChange: boolean;
}

/** Who gets which place, by a register and what is known beside it. */
export function planTurns(
  { places, next: known = [] }: Register,
  { limit, over, refused, joined, found, looksAnew }: KnownToPlan,
): TurnsPlan {
  const kept = places.filter(
    ({ ticket, takenAt }) => !over.has(ticket) && !(refused.has(ticket) && !takenAt),
  );
  const placed = new Set(kept.map(({ ticket }) => ticket));
  const isWaiting = ({ id }: Ticket) => !placed.has(id) && !over.has(id) && !refused.has(id);
  const room = Math.max(0, limit - kept.length);
  let line = insertInto(known, joined).filter(isWaiting);
  if (found && (looksAnew || line.length < room)) line = found.filter(isWaiting);
  const next = line.slice(room);
  return {
    kept,
    room,
    called: line.slice(0, room),
    next,
    isShort: line.length < room,
    wasFull: places.length >= limit,
    isChange: kept.length < places.length || !isSame(next, known),
  };
}

/** With one that comes before others of them: who hands out goes by these. */
function insertInto(tickets: readonly Ticket[], joined: Ticket | undefined): readonly Ticket[] {
  const after = joined ? tickets.findIndex(({ id }) => id >= joined.id) : -1;
  if (!joined || after < 0 || tickets[after]?.id === joined.id) return tickets;
  return tickets.toSpliced(after, 0, joined).slice(0, LOOK_AHEAD);
}

function isSame(one: readonly Ticket[], other: readonly Ticket[]): boolean {
  return one.length === other.length && one.every(({ id }, place) => id === other[place]?.id);
}
