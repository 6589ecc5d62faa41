interface Planned {
  readonly at: number;
  readonly act: () => void;
}

/** What happens when, for simulations of tens of thousands that wait: a heap, where a virtual clock would take hours. */
export class EventQueue {
  now = 0;
  readonly #heap: Planned[] = [];

  /** @param delay Milliseconds. */
  after(delay: number, act: () => void): void {
    const planned = { at: this.now + delay, act };
    let place = this.#heap.push(planned) - 1;
    for (;;) {
      const parent = (place - 1) >> 1;
      const above = this.#heap[parent];
      if (place === 0 || !above || above.at <= planned.at) break;
      this.#heap[place] = above;
      place = parent;
    }
    this.#heap[place] = planned;
  }

  /** Until nothing is planned any more. */
  run(): void {
    for (let first = this.#take(); first; first = this.#take()) {
      this.now = first.at;
      first.act();
    }
  }

  #take(): Planned | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!last || heap.length === 0) return first;
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      const [a, b] = [heap[left], heap[left + 1]];
      const child = b && a && b.at < a.at ? left + 1 : left;
      const below = heap[child];
      if (!below || below.at >= last.at) break;
      heap[place] = below;
      place = child;
    }
    heap[place] = last;
    return first;
  }
}
