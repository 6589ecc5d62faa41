import type { RenderProgressReport, StartedRender } from '../../statemachine/contract.ts';
import type { RemotionProgress } from '../render/remotion-progress.ts';
import { spentOn } from '../render/render-budget.ts';
import { measure, secondsSince } from '../runtime/measure.ts';

/** The metrics of one look at a render. A render that another execution has claimed is counted there. */
export class LookMeasures {
  readonly #render: StartedRender;
  readonly #costBefore: number;
  readonly #functionTimeoutInMs: number;
  #costInUsd: number;

  /** @param earlier The report of the look before: it says what has been counted. */
  constructor(render: StartedRender, earlier: RenderProgressReport | undefined, functionTimeoutInMs: number) {
    this.#render = render;
    this.#costBefore = earlier?.costInUsd ?? render.spentBeforeInUsd ?? 0;
    this.#costInUsd = this.#costBefore;
    this.#functionTimeoutInMs = functionTimeoutInMs;
  }

  /** To be told of every progress that was read. */
  see(progress: RemotionProgress): void {
    this.#costInUsd = spentOn(this.#render, progress);
  }

  publish({ finished, looks, output }: RenderProgressReport): void {
    const ageInMs = secondsSince(this.#render.startedAt) * 1000;
    this.#measure(
      finished
        ? { RenderTime: (output?.renderTimeInMs ?? ageInMs) / 1000, Looks: looks }
        : { DeadlineUsed: (100 * ageInMs) / this.#functionTimeoutInMs },
    );
  }

  /** A look that fails without an end of the render is taken again, and counts what there is to count. */
  publishFailed({ name }: Error): void {
    if (name !== 'RenderProgressUnavailable') this.#measure({});
  }

  #measure(values: Parameters<typeof measure>[0]): void {
    if (this.#render.ofOtherExecution) return;
    const spent = this.#costInUsd - this.#costBefore;
    const all = { ...values, ...(spent > 0 && { RenderCost: spent }) };
    if (Object.keys(all).length > 0) measure(all);
  }
}
