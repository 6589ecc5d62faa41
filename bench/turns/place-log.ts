/** Counts who waits and who runs, and how long places stood free meanwhile. All times in milliseconds. */
export class PlaceLog {
  readonly #limit: number;
  #waiting = 0;
  #running = 0;
  #last = 0;
  #freeTime = 0;
  #timeWithWaiters = 0;
  /** When each free place became so; the first were free from the beginning. */
  readonly #freeSince: number[];
  readonly handovers: number[] = [];
  readonly waits: number[] = [];
  mostAtOnce = 0;

  constructor(limit: number) {
    this.#limit = limit;
    this.#freeSince = Array.from({ length: limit }, () => 0);
  }

  comes(at: number): void {
    this.#pass(at);
    this.#waiting += 1;
  }

  begins(at: number, cameAt: number): void {
    this.#pass(at);
    this.#waiting -= 1;
    this.#running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#running);
    this.waits.push(at - cameAt);
    const freeSince = this.#freeSince.shift();
    if (freeSince !== undefined) this.handovers.push(at - Math.max(freeSince, cameAt));
  }

  /** @param isTold Whether anybody is told of it; else `found` follows. */
  ends(at: number, isTold = true): void {
    this.#pass(at);
    this.#running -= 1;
    if (isTold) this.#freeSince.push(at);
  }

  found(at: number): void {
    this.#freeSince.push(at);
  }

  gone(at: number): void {
    this.#pass(at);
    this.#waiting -= 1;
  }

  /** Of all places while somebody waited, the share of time that they stood free. */
  get freeShare(): number {
    return this.#freeTime / (this.#limit * this.#timeWithWaiters);
  }

  #pass(at: number): void {
    const passed = at - this.#last;
    this.#last = at;
    if (this.#waiting === 0) return;
    this.#timeWithWaiters += passed;
    this.#freeTime += passed * Math.min(this.#waiting, Math.max(0, this.#limit - this.#running));
  }
}
