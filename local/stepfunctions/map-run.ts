import type { Clock } from '../aws.ts';
import { StateFailure } from './state-failure.ts';

/** Executions of one Map Run that AWS runs side by side at most. */
const MOST_AT_ONCE = 10_000;

/**
 * Until a Map Run with too many failures fails, in milliseconds. Recorded on AWS: 3 to 6 seconds, in which the
 * failed execution's place is taken once more, and what ends by then counts.
 */
const FAILS_AFTER_IN_MS = 6000;

/** An execution of a Map Run, as far as the run deals with it. */
export interface ChildExecution {
  readonly arn: string;
  readonly name: string;
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  readonly inputText: string;
  readonly outputText: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  /** Milliseconds since 1970, as are the other dates. */
  readonly startDate: number;
  readonly stopDate: number | undefined;
  readonly redriveCount: number;
  readonly redriveDate: number | undefined;
  readonly notRedrivableReason: string | undefined;
  readonly ended: Promise<void>;
  redrive(): void;
  abort(cause: string): void;
}

/** What is to be run: an item, or a batch of them. */
export interface ChildInput {
  readonly inputText: string;
  readonly itemCount: number;
}

/** One of the run's executions, in the order of the items. */
export interface MapRunChild extends ChildInput {
  /** Absent while it is pending. */
  execution?: ChildExecution;
  /** A redrive is to run it again. */
  isPendingRedrive?: boolean;
  /** Its output is in a result file. */
  isWritten?: boolean;
}

export interface ResultFile {
  readonly Key: string;
  /** Bytes. */
  readonly Size: number;
}

export interface MapRunLimits {
  /** 0 for no limit of one's own. */
  maxConcurrency: number;
  toleratedFailureCount?: number;
  /** From 0 to 100. */
  toleratedFailurePercentage?: number;
}

export interface MapRunOptions {
  readonly arn: string;
  /** Of the execution with the Map. */
  readonly executionArn: string;
  /** Of what the executions run: `…:stateMachine:<machine>/<label>`. */
  readonly stateMachineArn: string;
  readonly clock: Clock;
  readonly limits: MapRunLimits;
  /** Starts the execution of an item or a batch. Throws StateFailure. */
  start(child: ChildInput, index: number): ChildExecution;
  /** Throws StateFailure unless the role may do that to an execution of the run. */
  authorize(action: string, executionArn: string): void;
}

interface Attempt {
  /** Aborted when it ends. */
  readonly over: AbortController;
  readonly end: PromiseWithResolvers<void>;
}

export type MapRunStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';

/** One run of a distributed Map: its executions, how many of them at once, and how many may fail. */
export class MapRun {
  readonly arn: string;
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly startDate: number;
  status: MapRunStatus = 'RUNNING';
  stopDate: number | undefined;
  redriveCount = 0;
  redriveDate: number | undefined;
  /** Empty until the items are read. */
  children: readonly MapRunChild[] = [];
  hasItems = false;
  /** Written so far: a result is written once, and the manifest of a redrive names the files before it. */
  succeededFiles: readonly ResultFile[] = [];

  readonly #options: MapRunOptions;
  readonly #limits: MapRunLimits;
  #itemTotal = 0;
  #failedItems = 0;
  #queue: readonly MapRunChild[] = [];
  #next = 0;
  #running = 0;
  #isExceeded = false;
  /** While it runs. */
  #attempt: Attempt | undefined;

  constructor(options: MapRunOptions) {
    this.#options = options;
    this.#limits = { ...options.limits };
    this.arn = options.arn;
    this.executionArn = options.executionArn;
    this.stateMachineArn = options.stateMachineArn;
    this.startDate = options.clock.now();
  }

  get limits(): Readonly<MapRunLimits> {
    return this.#limits;
  }

  /** Takes what is to be run. To be called once. */
  takeItems(children: readonly ChildInput[]): void {
    this.children = children.map((child) => ({ ...child }));
    this.#itemTotal = children.reduce((sum, { itemCount }) => sum + itemCount, 0);
    this.hasItems = true;
    this.#queue = this.children;
  }

  /**
   * Runs what is pending, to the end. Throws StateFailure `States.ExceedToleratedFailureThreshold`, and the
   * signal's reason when that is aborted; whatever still runs then is aborted.
   */
  async run(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const over = new AbortController();
    const end = Promise.withResolvers<void>();
    const onAbort = () => end.reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#attempt = { over, end };
    try {
      this.#goOn();
      await end.promise;
    } finally {
      this.#attempt = undefined;
      signal.removeEventListener('abort', onAbort);
      over.abort(new Error('the Map Run ended'));
      this.#abortRunning();
    }
  }

  end(status: Exclude<MapRunStatus, 'RUNNING'>): void {
    this.status = status;
    this.stopDate = this.#options.clock.now();
  }

  /** Changes limits while it runs. */
  update(limits: Partial<MapRunLimits>): void {
    Object.assign(this.#limits, limits);
    this.#goOn();
  }

  /**
   * Makes what did not succeed pending again, to be run by `run`. Throws StateFailure where the role may not
   * redrive an execution; nothing is pending then that was not before.
   */
  redrive(): void {
    this.status = 'RUNNING';
    this.stopDate = undefined;
    this.redriveCount += 1;
    this.redriveDate = this.#options.clock.now();
    const ended = this.children.filter(({ execution }) => execution && isFailed(execution));
    const again = ended.filter(({ execution }) => execution?.notRedrivableReason === undefined);
    for (const { execution } of again) {
      if (execution) this.#options.authorize('states:RedriveExecution', execution.arn);
    }
    for (const child of again) child.isPendingRedrive = true;
    this.#queue = this.children.filter(
      ({ execution, isPendingRedrive }) => !execution || isPendingRedrive === true,
    );
    this.#next = 0;
    this.#isExceeded = false;
    this.#failedItems = ended
      .filter(({ isPendingRedrive }) => !isPendingRedrive)
      .reduce((sum, { itemCount }) => sum + itemCount, 0);
  }

  /** Starts as many as may run, and ends the run when none is left or too many have failed. */
  #goOn(): void {
    const attempt = this.#attempt;
    if (!attempt) return;
    try {
      const wasExceeded = this.#isExceeded;
      this.#isExceeded ||= this.#hasTooManyFailures();
      if (!this.#isExceeded) while (this.#startNext());
      else if (!wasExceeded) this.#failSoon(attempt);
    } catch (error) {
      return attempt.end.reject(error);
    }
    if (this.#running > 0) return;
    if (this.#isExceeded) attempt.end.reject(thresholdExceeded());
    else attempt.end.resolve();
  }

  #failSoon({ over, end }: Attempt): void {
    this.#startNext();
    this.#options.clock.sleep(FAILS_AFTER_IN_MS, over.signal).then(
      () => end.reject(thresholdExceeded()),
      () => {}, // The run ended before.
    );
  }

  /** False if nothing is pending or nothing more may run. */
  #startNext(): boolean {
    const child = this.#queue[this.#next];
    if (!child || this.#running >= (this.#limits.maxConcurrency || MOST_AT_ONCE)) return false;
    if (child.execution) {
      child.isPendingRedrive = false;
      child.execution.redrive();
    } else {
      child.execution = this.#options.start(child, this.children.indexOf(child, this.#next));
    }
    this.#next += 1;
    this.#running += 1;
    void child.execution.ended.then(() => this.#onEnd(child));
    return true;
  }

  #onEnd({ execution, itemCount }: MapRunChild): void {
    this.#running -= 1;
    if (execution && isFailed(execution)) this.#failedItems += itemCount;
    this.#goOn();
  }

  /**
   * Belief: one that somebody stopped counts as failed, where the documentation names failed and timed out ones;
   * and a limit of 0 counts where it is given beside the other one, which AWS shows as 0 when it is not.
   */
  #hasTooManyFailures(): boolean {
    const { toleratedFailureCount: count, toleratedFailurePercentage: percentage } = this.#limits;
    const failed = this.#failedItems;
    if (percentage !== undefined && failed * 100 > percentage * this.#itemTotal) return true;
    if (percentage !== undefined && count === undefined) return false;
    return failed > (count ?? 0);
  }

  #abortRunning(): void {
    const cause = `The map run execution [${this.arn}] which was managing this resource was aborted`;
    for (const { execution } of this.children) {
      if (execution?.status !== 'RUNNING') continue;
      try {
        this.#options.authorize('states:StopExecution', execution.arn);
      } catch {
        continue; // Belief: without the permission it runs on.
      }
      execution.abort(cause);
    }
  }
}

function isFailed({ status }: ChildExecution): boolean {
  return status !== 'RUNNING' && status !== 'SUCCEEDED';
}

function thresholdExceeded(): StateFailure {
  return new StateFailure(
    'States.ExceedToleratedFailureThreshold',
    'The specified tolerated failure threshold was exceeded',
  );
}
