import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { ticketOf } from '../waiting-line.ts';

/** One attempt of a task, a Map or a Parallel. Times in milliseconds since 1970. */
export interface Attempt {
  readonly at: number;
  endedAt?: number;
  error?: string;
  cause?: string;
}

/** One pass through a state. Times in milliseconds since 1970; inputs and outputs are JSON text. */
export interface Visit {
  /** Of the event with which it was entered. */
  readonly id: number;
  readonly state: string;
  /** `Task`, `Parallel` and so on. */
  readonly type: string;
  readonly enteredAt: number;
  /** The visit from which the way led here: for the first state of a branch, that of its Map or Parallel. */
  readonly from?: number;
  /** The visit of the Map or Parallel that it is inside of. */
  readonly inside?: number;
  leftAt?: number;
  /** `failed`: its last attempt was, whatever came of that. */
  status: 'running' | 'done' | 'failed' | 'stopped';
  readonly attempts: Attempt[];
  readonly input?: string;
  output?: string;
  /** While it waits for its turn: tickets in their order are the line. */
  ticket?: string;
}

/** An event that the state machine has published. */
export interface Publication {
  /** Of the visit that published it. */
  readonly visit: number;
  readonly at: number;
  readonly detailType: string;
  readonly detail: unknown;
  /** Undefined until EventBridge has answered. */
  taken?: boolean;
}

/** Events with which an attempt begins; a Map Run that is redriven goes on. */
const BEGINNING = /^((Task|LambdaFunction|Activity)Scheduled|(Parallel|Map)StateStarted|MapRunRedriven)$/;

/** Puts together what an execution's history tells. */
export class ExecutionStory {
  readonly visits: Visit[] = [];
  readonly publications: Publication[] = [];
  /** Times at which it was redriven. */
  readonly redriven: number[] = [];
  hasEnded = false;
  /** Of the last event that was told. */
  lastId = 0;
  /** Whose visit an event belongs to. */
  readonly #visitOf = new Map<number, Visit>();
  readonly #byId = new Map<number, Visit>();

  /** @param events In their order, each once. */
  tell(events: readonly HistoryEvent[]): void {
    for (const event of events) this.#tell(event);
  }

  #tell(event: HistoryEvent): void {
    const { id = 0, previousEventId = 0, type = '' } = event;
    const at = event.timestamp?.getTime() ?? 0;
    this.lastId = id;
    let visit = this.#visitOf.get(previousEventId);
    if (type.endsWith('StateEntered')) {
      visit = this.#enter(event, visit, at);
    } else if (type === 'ExecutionRedriven') {
      this.hasEnded = false;
      this.redriven.push(at);
    } else if (type.startsWith('Execution') && type !== 'ExecutionStarted') {
      this.#end(type, at);
    } else if (visit) {
      visit = this.#owner(type, visit);
      if (BEGINNING.test(type)) this.#reopen(visit);
      tellOfVisit(visit, event, at);
      if (/^(Map|Parallel)State(Failed|Aborted|Exited)$/.test(type)) this.#leaveAllInside(visit, at);
      this.#tellOfPublication(visit, event, at);
    }
    if (visit) this.#visitOf.set(id, visit);
  }

  #enter(event: HistoryEvent, before: Visit | undefined, at: number): Visit {
    const { id = 0, type, stateEnteredEventDetails } = event;
    const { name = '', input } = stateEnteredEventDetails ?? {};
    // Only a Map or a Parallel that has not been left has states after it.
    const inside = before && holdsStates(before) && before.leftAt === undefined ? before.id : before?.inside;
    const visit: Visit = {
      id,
      state: name,
      type: (type ?? '').slice(0, -'StateEntered'.length),
      enteredAt: at,
      ...(before && { from: before.id }),
      ...(inside !== undefined && { inside }),
      status: 'running',
      attempts: [],
      ...(input && { input }),
    };
    this.visits.push(visit);
    this.#byId.set(id, visit);
    return visit;
  }

  /** What a Map or a Parallel is told of follows the last event inside of it. */
  #owner(type: string, before: Visit): Visit {
    const kind = /^(Map|Parallel)/.exec(type)?.[0];
    let visit: Visit | undefined = before;
    while (kind && visit && (visit.type !== kind || visit.leftAt !== undefined))
      visit = visit.inside === undefined ? undefined : this.#byId.get(visit.inside);
    return visit ?? before;
  }

  #reopen(visit: Visit): void {
    for (let each: Visit | undefined = visit; each; each = this.#byId.get(each.inside ?? 0)) {
      each.status = 'running';
      delete each.leftAt;
    }
  }

  /** Branches that are cut off by another's failure are told of, if at all, without a word on their end. */
  #leaveAllInside(outer: Visit, at: number): void {
    for (const visit of this.visits) {
      if (visit.inside !== outer.id || visit.status !== 'running') continue;
      visit.leftAt = at;
      visit.status = visit.type === 'Fail' ? 'failed' : 'stopped';
      this.#leaveAllInside(visit, at);
    }
  }

  #end(type: string, at: number): void {
    this.hasEnded = true;
    for (const visit of this.visits) {
      delete visit.ticket;
      if (visit.status !== 'running') continue;
      visit.leftAt = at;
      // A Fail state is not left.
      visit.status =
        type === 'ExecutionFailed' ? 'failed' : type === 'ExecutionSucceeded' ? 'done' : 'stopped';
    }
  }

  #tellOfPublication(visit: Visit, event: HistoryEvent, at: number): void {
    const { taskScheduledEventDetails: scheduled, type } = event;
    if (scheduled?.resourceType === 'events') {
      for (const { DetailType = '', Detail } of entriesOf(scheduled.parameters)) {
        const detail = typeof Detail === 'string' ? parse(Detail) : Detail;
        this.publications.push({ visit: visit.id, at, detailType: DetailType, detail });
      }
    } else if (type === 'TaskSucceeded' || type === 'TaskFailed' || type === 'TaskTimedOut') {
      for (const publication of this.publications)
        if (publication.visit === visit.id) publication.taken ??= type === 'TaskSucceeded';
    }
  }
}

function holdsStates({ type }: Visit): boolean {
  return type === 'Map' || type === 'Parallel';
}

function tellOfVisit(visit: Visit, event: HistoryEvent, at: number): void {
  const { type = '' } = event;
  const attempt = visit.attempts.at(-1);
  if (type.startsWith('MapIteration')) return;
  delete visit.ticket;
  if (type.endsWith('StateExited')) {
    visit.leftAt = at;
    visit.status = attempt?.error === undefined ? 'done' : 'failed';
    const output = event.stateExitedEventDetails?.output;
    if (output !== undefined) visit.output = output;
  } else if (BEGINNING.test(type)) {
    visit.attempts.push({ at });
  } else if (/(Failed|TimedOut)$/.test(type) && attempt) {
    attempt.endedAt = at;
    const { error, cause } = failureOf(event);
    // Of a Map, its run and then its state fail, with the same words.
    attempt.error = error ?? attempt.error ?? 'States.TaskFailed';
    if (cause) attempt.cause = cause;
  } else if (type.endsWith('StateAborted')) {
    visit.leftAt = at;
    visit.status = 'stopped';
  } else if (type.endsWith('Succeeded') && attempt) {
    attempt.endedAt = at;
  } else if (type === 'TaskSubmitted') {
    const ticket = ticketOf(event);
    if (ticket !== undefined) visit.ticket = ticket;
  }
}

/** Details of a failure stand in a field that has the name of the event. */
function failureOf(event: HistoryEvent): { error?: string; cause?: string } {
  const { type = '' } = event;
  const field = `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`;
  return (event as unknown as Record<string, { error?: string; cause?: string } | undefined>)[field] ?? {};
}

function entriesOf(parameters: string | undefined): { DetailType?: string; Detail?: unknown }[] {
  return (parse(parameters ?? '') as { Entries?: [] } | undefined)?.Entries ?? [];
}

/** The value of JSON text; undefined where it is none. */
export function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
