import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { Place, Register } from '../../functions/turns/register.ts';
import { isLive, type ScriptedRender } from '../scripted-remotion/scripted-remotion.ts';
import type { ObservedCall } from './fault-kind.ts';
import { type FaultMachine, REMOTION_BUCKET } from './fault-machine.ts';
import type { JobRun } from './job-run.ts';

/** A write has taken effect by then, in milliseconds. */
const WRITTEN = 500;

/** So long a function runs at most that hands places out, by the limit of before a deployment. In milliseconds. */
const LONGEST_FUNCTION = 150_000;

/** Of the turns, what lies in the bucket. */
export interface TurnObjects {
  readonly places: readonly Place[];
  /** Ids of the tickets. */
  readonly line: readonly string[];
}

export async function readTurnObjects({ s3, stack }: FaultMachine): Promise<TurnObjects> {
  const Prefix = stack.functions.map(({ environment }) => environment.TURNS_PREFIX).find(Boolean);
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: REMOTION_BUCKET, Prefix }));
  const keys = Contents.map(({ Key = '' }) => Key);
  const Key = keys.find((key) => key.endsWith('/register.json'));
  const object = Key && (await s3.send(new GetObjectCommand({ Bucket: REMOTION_BUCKET, Key })));
  const text = object && (await object.Body?.transformToString());
  const { places }: Register = text ? JSON.parse(text) : { places: [] };
  return { places, line: keys.flatMap((key) => key.split('/waiting/')[1] ?? []) };
}

/** Looks at jobs that wait for each other, at each of their calls. */
export class TurnWatch {
  readonly #machine: FaultMachine;
  readonly #runs: readonly JobRun[];
  readonly #limits: { readonly from: number; readonly limit: number }[];
  readonly #problems = new Set<string>();
  readonly #looks: Promise<unknown>[] = [];
  /** When tickets were first seen in the line, and in the register; and which of these were taken. */
  readonly #joined = new Map<string, number>();
  readonly #given = new Map<string, number>();
  readonly #taken = new Set<string>();

  constructor(machine: FaultMachine, runs: readonly JobRun[], limit: number) {
    this.#machine = machine;
    this.#runs = runs;
    this.#limits = [{ from: this.#now, limit }];
  }

  /** To be told of a deployment. */
  limitIs(limit: number): void {
    this.#limits.push({ from: this.#now, limit });
  }

  /** To be told of every call, before it is done. */
  see({ name }: ObservedCall): void {
    if (/^(PutObject|DeleteObject) (register|ticket)/.test(name))
      this.#looks.push(this.#machine.time.clock.sleep(WRITTEN).then(() => this.#look()));
    const live = this.#live();
    if (live.length > this.#mostBetween(this.#now, this.#now)) this.#looks.push(this.#count(live));
  }

  /**
   * @param slackInSeconds By how much later a ticket may get its place than one that came after it.
   * @returns One line for each thing that was wrong.
   */
  async problems(slackInSeconds: number): Promise<string[]> {
    await Promise.all(this.#looks);
    const slack = slackInSeconds * 1000 + WRITTEN;
    const given = [...this.#given].filter(([id]) => this.#taken.has(id) && this.#joined.has(id));
    for (const [first, at] of given)
      for (const [second, before] of given)
        if (first < second && before + slack < at && (this.#joined.get(first) as number) + slack < before)
          this.#problems.add(`ticket ${second} had its turn ${(at - before) / 1000} s before ${first}`);
    return [...this.#problems];
  }

  get #now(): number {
    return this.#machine.time.clock.now();
  }

  #live(): ScriptedRender[] {
    return this.#runs.flatMap(({ renders }) => renders.filter(({ status }) => isLive(status)));
  }

  #mostBetween(from: number, to: number): number {
    const inForce = this.#limits.filter((each, i) => {
      const until = this.#limits[i + 1]?.from ?? Number.POSITIVE_INFINITY;
      return each.from <= to && until > from;
    });
    return Math.max(...inForce.map(({ limit }) => limit));
  }

  async #look(): Promise<TurnObjects> {
    const found = await readTurnObjects(this.#machine);
    for (const id of found.line) this.#joined.set(id, this.#joined.get(id) ?? this.#now);
    for (const { ticket, takenAt } of found.places) {
      this.#given.set(ticket, this.#given.get(ticket) ?? this.#now);
      if (takenAt !== undefined) this.#taken.add(ticket);
    }
    return found;
  }

  /** Whether more renders go on, that nobody has told to stop, than were allowed when the last of them got its place. */
  async #count(live: readonly ScriptedRender[]): Promise<void> {
    const [{ places }, ...told] = await Promise.all([
      this.#look(),
      ...live.map((each) => this.#isTold(each)),
    ]);
    const untold = live.filter(({ status }, i) => isLive(status) && !told[i]);
    if (untold.length === 0) return;
    const since = untold.map(({ job }) => {
      const given = places.filter(({ jobId }) => jobId === job).map(({ ticket }) => this.#given.get(ticket));
      return Math.min(...given.map((at) => at ?? this.#now), this.#now);
    });
    const last = Math.max(...since);
    if (untold.length > this.#mostBetween(last - LONGEST_FUNCTION, last))
      this.#problems.add(`${untold.length} renders at once`);
  }

  async #isTold({ renderId }: ScriptedRender): Promise<boolean> {
    const Key = `renders/${renderId}/cancel.json`;
    return this.#machine.s3.send(new HeadObjectCommand({ Bucket: REMOTION_BUCKET, Key })).then(
      () => true,
      () => false,
    );
  }
}
