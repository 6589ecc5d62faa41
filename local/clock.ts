import type { Clock } from './aws.ts';

/** Longest delay a Node timer takes, in milliseconds (2^31 - 1). */
const LONGEST_TIMER = 2_147_483_647;

/** The machine's own time. */
export const realClock: Clock = {
  now: () => Date.now(),
  async sleep(milliseconds, signal) {
    const wakeAt = Date.now() + milliseconds;
    do {
      await timer(Math.min(Math.max(wakeAt - Date.now(), 0), LONGEST_TIMER), signal);
    } while (Date.now() < wakeAt);
  },
};

function timer(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timeout);
      reject(signal?.reason);
    };
    const timeout = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

interface Sleeper {
  readonly wakeAt: number;
  readonly wake: () => void;
}

/** Turns of the event loop without any use of the clock after which nothing is taken to be runnable. */
const QUIET_TURNS = 3;

/**
 * Time that stands still while anything can run and then jumps to the next sleeper, so that an hour passes
 * in milliseconds. Sleepers wake one at a time, in the order of their time, then of their call.
 *
 * The clock sees work that only uses promises and itself. Work that waits for something else (a socket, a
 * child process, the disk) must be wrapped in `holdDuring`, or time jumps while it is under way. A clock
 * without sleepers keeps no process alive.
 */
export class VirtualClock implements Clock {
  #now: number;
  /** In the order of their calls. */
  readonly #sleepers = new Set<Sleeper>();
  #holds = 0;
  #uses = 0;
  #watching = false;
  readonly #isBusy: () => boolean;

  /**
   * @param start milliseconds since 1970
   * @param isBusy asked before every jump: whether something that this clock does not see is under way
   */
  constructor(start = Date.UTC(2026, 0, 1), isBusy = () => false) {
    this.#now = start;
    this.#isBusy = isBusy;
  }

  now(): number {
    return this.#now;
  }

  /** Whether anybody sleeps. */
  get isAwaited(): boolean {
    return this.#sleepers.size > 0;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = this.wakeAfter(milliseconds, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /**
   * Calls `wake` after that time, unless the function is called that it gives: for timers, of which nearly all are
   * cancelled.
   */
  wakeAfter(milliseconds: number, wake: () => void): () => void {
    this.#uses += 1;
    const sleeper: Sleeper = { wakeAt: this.#now + Math.max(milliseconds, 0), wake };
    this.#sleepers.add(sleeper);
    this.#watch();
    return () => this.#sleepers.delete(sleeper);
  }

  /**
   * Time stands still until the work is done. Only for work that does not itself sleep on this clock: it
   * would wait for itself.
   */
  async holdDuring<T>(work: () => Promise<T>): Promise<T> {
    this.#holds += 1;
    try {
      return await work();
    } finally {
      this.#holds -= 1;
      this.#uses += 1;
      this.#watch();
    }
  }

  #watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    this.#jumpWhenQuiet().finally(() => {
      this.#watching = false;
      if (this.#mayJump()) this.#watch();
    });
  }

  async #jumpWhenQuiet(): Promise<void> {
    let quiet = 0;
    let uses = this.#uses;
    while (this.#mayJump()) {
      await new Promise((resolve) => setImmediate(resolve));
      quiet = uses === this.#uses && !this.#isBusy() ? quiet + 1 : 0;
      uses = this.#uses;
      if (quiet >= QUIET_TURNS && this.#mayJump()) {
        this.#wakeNext();
        quiet = 0;
      }
    }
  }

  #mayJump(): boolean {
    return this.#holds === 0 && this.#sleepers.size > 0;
  }

  #wakeNext(): void {
    let next: Sleeper | undefined;
    for (const sleeper of this.#sleepers) if (!next || sleeper.wakeAt < next.wakeAt) next = sleeper;
    if (!next) return;
    this.#sleepers.delete(next);
    this.#now = Math.max(this.#now, next.wakeAt);
    next.wake();
  }
}
