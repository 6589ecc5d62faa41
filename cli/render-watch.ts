import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { RenderProgressReport } from '../statemachine/contract.ts';
import { type ProgressPoint, secondsLeft } from './time-left.ts';

/** What a watcher sees of a running execution. */
export interface ExecutionUpdate {
  /** Name of the state that was entered last. */
  readonly state: string | undefined;
  /** The last look at the render. */
  readonly progress: RenderProgressReport | undefined;
  /** What seems to be left of the render, in seconds. */
  readonly secondsLeft?: number;
  /** Step Functions does not answer just now; this is what it said last. */
  readonly unanswered?: true;
  /** Where it stands in the line of those that wait for their turn: `waiting, 7th of 12`. */
  readonly place?: string;
}

/** Looks from which the pace is taken: the newest, because a render leaps to its first percents. */
const LOOKS_OF_PACE = 6;

interface Look extends ProgressPoint {
  /** Of the event in the history. */
  readonly id: number;
}

/** Puts together what the newest events of an execution's history say, from one look to the next. */
export class RenderWatch {
  #state: string | undefined;
  #progress: RenderProgressReport | undefined;
  #looks: Look[] = [];
  #lastSeenAt = 0;

  /** @param events In their order; those that are known already may be among them. */
  see(events: readonly HistoryEvent[]): void {
    for (const event of events) {
      this.#state = event.stateEnteredEventDetails?.name ?? this.#state;
      if (event.stateExitedEventDetails?.name === 'GetRenderProgress') this.#seeLook(event);
    }
  }

  get update(): ExecutionUpdate {
    const [first, ...more] = this.#looks;
    const last = more.at(-1);
    const left = first && last && secondsLeft(first, last);
    const sinceLook = (Date.now() - this.#lastSeenAt) / 1000;
    return {
      state: this.#state,
      progress: this.#progress,
      ...(left !== undefined && { secondsLeft: Math.max(0, left - sinceLook) }),
    };
  }

  #seeLook({ id = 0, timestamp, stateExitedEventDetails: state }: HistoryEvent): void {
    const output: unknown = JSON.parse(state?.output ?? 'null');
    if (!isProgress(output) || id <= (this.#looks.at(-1)?.id ?? 0)) return;
    const look = { id, at: timestamp?.getTime() ?? 0, percent: output.progressInPercent };
    this.#progress = output;
    this.#looks = [...this.#looks, look].slice(-LOOKS_OF_PACE);
    this.#lastSeenAt = Date.now();
  }
}

function isProgress(output: unknown): output is RenderProgressReport {
  return typeof (output as RenderProgressReport | null)?.progressInPercent === 'number';
}
