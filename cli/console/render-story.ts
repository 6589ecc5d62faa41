import type { HistoryEvent } from '@aws-sdk/client-sfn';

/** One attempt of a task. Times in milliseconds since 1970. */
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
  readonly enteredAt: number;
  leftAt?: number;
  /** `failed`: its last attempt was, whatever came of that. */
  status: 'running' | 'done' | 'failed' | 'stopped';
  readonly attempts: Attempt[];
  readonly input?: string;
  output?: string;
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

/** Puts together what an execution's history tells. */
export class RenderStory {
  readonly visits: Visit[] = [];
  readonly publications: Publication[] = [];
  /** Times at which it was redriven. */
  readonly redriven: number[] = [];
  hasEnded = false;
  /** Of the last event that was told. */
  lastId = 0;
  /** Whose visit an event belongs to. */
  readonly #visitOf = new Map<number, Visit>();

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
      const { name = '', input } = event.stateEnteredEventDetails ?? {};
      visit = { id, state: name, enteredAt: at, status: 'running', attempts: [], ...(input && { input }) };
      this.visits.push(visit);
    } else if (type === 'ExecutionRedriven') {
      this.hasEnded = false;
      this.redriven.push(at);
    } else if (type.startsWith('Execution') && type !== 'ExecutionStarted') {
      this.#end(type, at);
    } else if (visit) {
      tellOfVisit(visit, event, at);
      this.#tellOfPublication(visit, event, at);
    }
    if (visit) this.#visitOf.set(id, visit);
  }

  #end(type: string, at: number): void {
    this.hasEnded = true;
    for (const visit of this.visits) {
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

function tellOfVisit(visit: Visit, event: HistoryEvent, at: number): void {
  const { type = '' } = event;
  const attempt = visit.attempts.at(-1);
  if (type.endsWith('StateExited')) {
    visit.leftAt = at;
    visit.status = attempt?.error === undefined ? 'done' : 'failed';
    const output = event.stateExitedEventDetails?.output;
    if (output !== undefined) visit.output = output;
  } else if (/^(Task|LambdaFunction|Activity)Scheduled$/.test(type)) {
    visit.status = 'running';
    delete visit.leftAt;
    visit.attempts.push({ at });
  } else if (/(Failed|TimedOut)$/.test(type) && attempt) {
    attempt.endedAt = at;
    const { error = 'States.TaskFailed', cause } = failureOf(event);
    attempt.error = error;
    if (cause) attempt.cause = cause;
  } else if (type.endsWith('Succeeded') && attempt) {
    attempt.endedAt = at;
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
