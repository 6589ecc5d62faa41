import { markRequests } from './mark-requests.ts';

/** Header that every HTTP request of this process gets. */
export const REQUEST_ID = 'x-virtual-time-request';

/** Requests that a description names; those beyond are counted. */
const NAMED = 10;

/** The HTTP requests of this process that have a connection and have not ended. */
export class OpenRequests {
  /** Method and address, by id. */
  readonly #open = new Map<string, string>();
  readonly #waiting = new Set<string>();
  #made = 0;

  constructor() {
    markRequests(
      REQUEST_ID,
      () => String(this.#made++),
      (request, id) => {
        // Not before it has a connection: to get one it may have to wait for one that waits on the clock.
        const open = () => this.#open.set(id, `${request.method} ${request.path}`);
        if (request.socket) open();
        else request.once('socket', open);
        request.once('close', () => {
          this.#open.delete(id);
          this.#waiting.delete(id);
        });
      },
    );
  }

  /** Whether one of them is on its way, and does not wait on the clock. */
  get areMoving(): boolean {
    return this.#open.size > this.#waiting.size;
  }

  /** Changes with each request that is made, gets its connection or ends. */
  get state(): string {
    return `${this.#made} ${this.#open.size} ${this.#waiting.size}`;
  }

  /** Does work that waits on the clock while the sender of the request waits for its answer. */
  async waitIn<T>(id: string | undefined, work: () => Promise<T>): Promise<T> {
    if (id !== undefined && this.#open.has(id)) this.#waiting.add(id);
    try {
      return await work();
    } finally {
      this.#waiting.delete(id ?? '');
    }
  }

  /** A line for each request that is on its way. */
  describeMoving(): string {
    const moving = [...this.#open].filter(([id]) => !this.#waiting.has(id));
    const lines = moving.slice(0, NAMED).map(([, what]) => `  ${what}`);
    if (moving.length > NAMED) lines.push(`  and ${moving.length - NAMED} more`);
    return lines.join('\n');
  }
}
