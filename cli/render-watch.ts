import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { RenderProgressReport, StartedRender } from '../statemachine/contract.ts';
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
}

interface Look extends ProgressPoint {
  readonly id: number;
}

/** Puts together what the newest events of an execution's history say, from one look to the next. */
export class RenderWatch {
  #state: string | undefined;
  #progress: RenderProgressReport | undefined;
  #first: Look | undefined;
  #last: Look | undefined;
  #lastSeenAt = 0;

  /** @param events In their order; those that are known already may be among them. */
  see(events: readonly HistoryEvent[]): void {
    for (const event of events) {
      this.#state = event.stateEnteredEventDetails?.name ?? this.#state;
      if (event.type === 'TaskStateExited' && (event.id ?? 0) > (this.#last?.id ?? 0)) this.#seeOutput(event);
    }
  }

  get update(): ExecutionUpdate {
    const left = this.#first && this.#last && secondsLeft(this.#first, this.#last);
    const sinceLook = (Date.now() - this.#lastSeenAt) / 1000;
    return {
      state: this.#state,
      progress: this.#progress,
      ...(left !== undefined && { secondsLeft: Math.max(0, left - sinceLook) }),
    };
  }

  #seeOutput({ id = 0, timestamp, stateExitedEventDetails: state }: HistoryEvent): void {
    const output: unknown = JSON.parse(state?.output ?? 'null');
    if (state?.name === 'StartRender' && !(output as StartedRender | null)?.joined) {
      this.#first ??= { id, at: timestamp?.getTime() ?? 0, percent: 0 };
    }
    if (state?.name !== 'GetRenderProgress' || !isProgress(output)) return;
    this.#progress = output;
    this.#last = { id, at: timestamp?.getTime() ?? 0, percent: output.progressInPercent };
    this.#first ??= this.#last;
    this.#lastSeenAt = Date.now();
  }
}

function isProgress(output: unknown): output is RenderProgressReport {
  return typeof (output as RenderProgressReport | null)?.progressInPercent === 'number';
}
