import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import { VirtualClock } from '../../local/clock.ts';
import { OpenRequests } from './open-requests.ts';

/**
 * The time of a whole process: one virtual clock behind `Date`, the timers, `performance.now` and
 * `AbortSignal.timeout`. Nothing that runs in it can tell it from real time, and an hour passes as soon as
 * everybody waits.
 */
export interface VirtualTime {
  readonly clock: VirtualClock;
  /**
   * Does work that waits on the clock while the sender of an HTTP request waits for its answer. During all else
   * that a request needs time stands still, because what it takes is not virtual.
   *
   * @param requestId value of the request's header `REQUEST_ID`
   */
  waitInRequest<T>(requestId: string | undefined, work: () => Promise<T>): Promise<T>;
}

/** Real time, for what measures the process itself. Milliseconds. */
export const realNow = performance.now.bind(performance);

let installed: VirtualTime | undefined;
let random = Math.random;

/** What `Math.random` gives from here on, also to those that have kept a reference to it. Gives what it was. */
export function replaceRandom(next: () => number): () => number {
  const before = random;
  random = next;
  return before;
}

export interface VirtualTimeOptions {
  /** Real milliseconds in which nothing happens, after which the process ends. @default 60000 */
  readonly standstillAfter?: number;
}

/**
 * Puts this process on virtual time, once and for good: only for a process that does nothing else. When nothing
 * happens any more while somebody waits, it ends with the error `VirtualTimeStandstill`, which names the requests
 * that keep time from passing.
 */
export function installVirtualTime({ standstillAfter = 60_000 }: VirtualTimeOptions = {}): VirtualTime {
  installed ??= install(standstillAfter);
  return installed;
}

function install(standstillAfter: number): VirtualTime {
  const requests = new OpenRequests();
  const clock = new VirtualClock(undefined, () => requests.areMoving || (IS_JEST && isReading()));
  endOnStandstill(clock, requests, standstillAfter);
  holdDuringReads(clock);
  replaceGlobals(clock);
  return { clock, waitInRequest: (id, work) => requests.waitIn(id, work) };
}

/** Looks that often before it takes nothing for a standstill: one look may come late, after long work. */
const LOOKS = 5;

function endOnStandstill(clock: VirtualClock, requests: OpenRequests, after: number): void {
  let before = '';
  let looks = 0;
  const look = () => {
    const state = `${clock.now()} ${requests.state}`;
    looks = state === before && (clock.isAwaited || requests.areMoving) ? looks + 1 : 0;
    before = state;
    if (looks < LOOKS) return;
    const error = new Error(
      `Nothing has happened for ${after / 1000} s, and time cannot pass. Requests under way:\n${requests.describeMoving() || '  none'}`,
    );
    error.name = 'VirtualTimeStandstill';
    throw error;
  };
  setInterval(look, after / LOOKS).unref();
}

/** Jest gives each test file modules of Node as they were before they are changed here: slower, but seen there, too. */
const IS_JEST = process.env.JEST_WORKER_ID !== undefined;

function isReading(): boolean {
  return process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));
}

/** The only work outside of this process's own: SDK clients read configuration files before their first call. */
function holdDuringReads(clock: VirtualClock): void {
  const { readFile } = fs;
  Object.assign(fs, {
    readFile: (...parameters: Parameters<typeof readFile>) => clock.holdDuring(() => readFile(...parameters)),
  });
}

function replaceGlobals(clock: VirtualClock): void {
  const RealDate = Date;
  class VirtualDate extends RealDate {
    constructor(...parameters: [] | [string | number]) {
      if (parameters.length === 0) super(clock.now());
      else super(...(parameters as [string]));
    }

    static override now(): number {
      return clock.now();
    }
  }
  Object.defineProperty(VirtualDate, 'name', { value: 'Date' });
  const newTimer = (callback: (...values: unknown[]) => void, delay = 0, ...values: unknown[]) =>
    new VirtualTimer(clock, () => callback(...values), delay);
  const clear = (timer?: unknown) => {
    if (timer instanceof VirtualTimer) timer.close();
  };
  Math.random = () => random();
  const start = clock.now();
  const replaced = { setTimeout: newTimer, clearTimeout: clear };
  Object.assign(globalThis, { ...replaced, Date: VirtualDate });
  Object.assign(timers, replaced);
  Object.assign(timersPromises, {
    setTimeout: (delay = 1, value?: unknown, { signal }: { signal?: AbortSignal } = {}) =>
      clock.sleep(delay, signal).then(() => value),
  });
  syncBuiltinESMExports();
  performance.now = () => clock.now() - start;
  AbortSignal.timeout = (delay) => {
    const controller = new AbortController();
    newTimer(
      () => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
      delay,
    );
    return controller.signal;
  };
}

/** What `setTimeout` gives. That it is unreferenced makes no difference here. */
class VirtualTimer {
  readonly #clock: VirtualClock;
  readonly #callback: () => void;
  readonly #delay: number;
  #cancel = () => {};

  constructor(clock: VirtualClock, callback: () => void, delay: number) {
    this.#clock = clock;
    this.#callback = callback;
    this.#delay = Math.max(Number(delay) || 0, 1);
    this.#start();
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  refresh(): this {
    this.close();
    this.#start();
    return this;
  }

  close(): this {
    this.#cancel();
    return this;
  }

  #start(): void {
    this.#cancel = this.#clock.wakeAfter(this.#delay, () => queueMicrotask(this.#callback));
  }
}
