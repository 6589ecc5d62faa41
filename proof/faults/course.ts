import { createHash } from 'node:crypto';
import type { Clock } from '../../local/aws.ts';
import type { FaultSource } from './fault-kind.ts';

/** What happened in a run, in the order and with the second in which it happened. */
export class Course {
  /** E.g. `12.345 StartRender → Invoke Remotion: connection reset`. */
  readonly lines: string[] = [];
  readonly #clock: Clock;
  readonly #begin: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#begin = clock.now();
  }

  add(what: string): void {
    this.lines.push(`${((this.#clock.now() - this.#begin) / 1000).toFixed(3)} ${what}`);
  }

  /** Notes every call that the source is asked about. */
  observing(source: FaultSource): FaultSource {
    return (call) => {
      const fault = source(call);
      this.add(`${call.caller} → ${call.name}${fault ? `: ${fault}` : ''}`);
      return fault;
    };
  }
}

/** The same for the same courses, in the same order. */
export function fingerprintOf(courses: readonly (readonly string[])[]): string {
  return createHash('sha256').update(JSON.stringify(courses)).digest('hex').slice(0, 12);
}
