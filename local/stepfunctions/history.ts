import { StateFailure } from './state-failure.ts';

/** Step Functions ends an execution whose history reaches this many events. */
export const MAX_HISTORY_EVENTS = 25_000;

/** An event as GetExecutionHistory answers it: inputs and outputs as JSON text, the time in epoch seconds. */
export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  /** Seconds since 1970, with milliseconds after the point. */
  readonly timestamp: number;
  readonly type: string;
  /** `…EventDetails` of the type, where it has any. */
  readonly [details: string]: unknown;
}

/** One line of events: the execution itself, a branch of a Parallel or an iteration of a Map. */
export interface EventLine {
  /** Id of the event that the next one follows. */
  previousEventId: number;
  /** Once aborted, nothing may be added to this line. */
  readonly signal: AbortSignal;
}

/** The events of one execution, in order. */
export class History {
  readonly events: HistoryEvent[] = [];
  readonly #now: () => number;

  /** @param now milliseconds since 1970 */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Adds an event that follows the line's last one and becomes its last one; returns its id.
   * Throws the line's abort reason once it is aborted, and a StateFailure (`States.Runtime`) when only the
   * place for the execution's last event is left.
   */
  add(line: EventLine, type: string, details?: object): number {
    line.previousEventId = this.addBeside(line, type, details);
    return line.previousEventId;
  }

  /** As `add`, but the line goes on from where it was, or from `previousEventId`. */
  addBeside(line: EventLine, type: string, details?: object, previousEventId?: number): number {
    line.signal.throwIfAborted();
    if (this.events.length >= MAX_HISTORY_EVENTS - 1) {
      throw new StateFailure(
        'States.Runtime',
        `The execution reached the maximum number of history events (${MAX_HISTORY_EVENTS}).`,
      );
    }
    return this.addLast(type, details, previousEventId ?? line.previousEventId);
  }

  /** Adds an event that ends the execution (or belongs to its end); takes the last place too. */
  addLast(type: string, details: object | undefined, previousEventId: number): number {
    const id = this.events.length + 1;
    const detailsKey = `${detailsName(type)}EventDetails`;
    this.events.push({
      id,
      previousEventId,
      timestamp: this.#now() / 1000,
      type,
      ...(details && { [detailsKey]: details }),
    });
    return id;
  }
}

/** `TaskStateEntered` → `stateEntered`: all states share these two; every other type has its own name. */
function detailsName(type: string): string {
  const shared = /State(Entered|Exited)$/.exec(type);
  const name = shared ? `State${shared[1]}` : type;
  return name.charAt(0).toLowerCase() + name.slice(1);
}
