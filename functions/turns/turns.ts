import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Turn } from '../../statemachine/contract.ts';
import { WorkflowError } from '../../statemachine/errors.ts';
import { ConditionalObjects, type StoredValue } from '../runtime/conditional-objects.ts';
import { logger } from '../runtime/step-handler.ts';
import { LOOK_AHEAD, planTurns } from './plan-turns.ts';
import { EMPTY_REGISTER, isUncalled, type Place, type Register, withCalled } from './register.ts';
import { hashOfExecution, readTicketId } from './ticket-id.ts';
import { type Ticket, WaitingLine } from './waiting-line.ts';

/** Rounds against others who change the register too; all together they take some ten seconds at most. */
const MAX_ROUNDS = 40;

export interface TurnsOptions {
  readonly s3: S3Client;
  readonly bucketName: string;
  /** Under which register and tickets lie. */
  readonly prefix: string;
  /** How many renders may run at once. @default - all that wait */
  readonly limit?: number | undefined;
}

export interface HandOutOptions {
  /** Who has just come to wait. */
  readonly joined?: Ticket;
  /** Ids of tickets that have left the line. */
  readonly left?: readonly string[];
  /** Whether to go by the line and not by what the register has of it. @default false */
  readonly looksAnew?: boolean;
}

/**
 * The turns of a workflow's renders: a register of who may run, which is only ever written on a condition, and the
 * tickets of those who wait. Who gives a place calls its ticket; the execution takes the place before it renders.
 */
export class Turns {
  readonly line: WaitingLine;
  readonly #register: ConditionalObjects<Register>;
  readonly #registerKey: string;
  readonly #limit: number;

  constructor({ s3, bucketName, prefix, limit = Number.POSITIVE_INFINITY }: TurnsOptions) {
    this.line = new WaitingLine(s3, bucketName, `${prefix}waiting/`);
    this.#register = new ConditionalObjects(s3, bucketName);
    this.#registerKey = `${prefix}register.json`;
    this.#limit = limit;
  }

  async places(): Promise<readonly Place[]> {
    return (await this.#read()).value.places;
  }

  /**
   * Takes back places, and gives what is free to the first in the line. Whoever comes to wait, and whoever makes room,
   * calls it; doing it again changes nothing.
   *
   * @param isOver Whether a place is to be taken back.
   * @throws Error when others change the register all the time.
   */
  async handOut(
    isOver?: (place: Place) => boolean,
    { joined, left = [], looksAnew = false }: HandOutOptions = {},
  ): Promise<void> {
    const over = new Set(left);
    const refused = new Set<string>();
    let found: readonly Ticket[] | undefined;
    let isFound = false;
    let mayMiss = !isOver || joined !== undefined || looksAnew;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const stored = await this.#read();
      for (const place of stored.value.places) if (isOver?.(place)) over.add(place.ticket);
      const plan = planTurns(stored.value, { limit: this.#limit, over, refused, joined, found, looksAnew });
      // Who came while there was room already has seen it.
      const mayMissNow = plan.isShort && (plan.wasFull || mayMiss);
      if (!isFound && (mayMissNow || (looksAnew && !found))) {
        // The register is read again after it, so that others have little time to change that before it is written.
        found = await this.#lookAhead(plan.room, stored.value.next);
        isFound = true;
        continue;
      }
      isFound = false;
      const called = [...(await this.#uncalled(plan.kept)), ...plan.called];
      if (called.length === 0 && !plan.isChange) return this.line.leave(...refused);
      const places = withCalled(plan.kept, called, { limit: this.#limit, now: Date.now() });
      if (!(await this.#write(stored, { places, next: plan.next }))) {
        await backOff(round);
        continue;
      }
      // Only now: a ticket without a place is called again, a place without a ticket by nobody.
      const [answers] = await Promise.all([this.#call(called), this.line.leave(...refused, ...over)]);
      // A ticket may have come since the line was looked at, and have found no room.
      mayMiss = plan.wasFull && places.length < this.#limit;
      if (answers.length === 0 && !mayMiss) return;
      refused.clear();
      for (const ticket of answers) refused.add(ticket);
      found = undefined;
    }
    throw new Error('The register of turns is changed by others all the time.');
  }

  /**
   * Makes sure of a place before a render is started in it: from here on only its end frees it.
   *
   * @returns Whether it was not taken before.
   * @throws WorkflowError `TurnLost` when the place was given to another, which happens when who called has died.
   */
  async take(ticket: string): Promise<boolean> {
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const stored = await this.#read();
      const { places, ...others } = stored.value;
      const own = places.find((place) => place.ticket === ticket);
      if (!own)
        throw new WorkflowError('TurnLost', `The turn of ticket ${ticket} was given to another render.`);
      if (own.takenAt !== undefined) return false;
      const taken = { ...own, takenAt: Date.now() };
      const next = places.map((place) => (place === own ? taken : place));
      if (await this.#write(stored, { ...others, places: next })) return true;
      await backOff(round);
    }
    throw new WorkflowError('RenderStartPending', 'The register of turns is changed by others all the time.');
  }

  /** Takes back all that an execution has, which starts nothing any more: its tickets and its places. */
  async leave(executionArn: string): Promise<void> {
    const own = hashOfExecution(executionArn);
    const left = (await this.line.all()).filter((id) => readTicketId(id).executionHash === own);
    await this.line.leave(...left);
    await this.handOut((place) => place.executionArn === executionArn, { left });
  }

  /** As `handOut`, of which nothing else depends: what it leaves undone the sweep does. */
  async quietly(what: (turns: this) => Promise<void>): Promise<void> {
    await what(this).catch((error: Error) => {
      logger.warn('The turns could not be handed on', { errorName: error.name, errorMessage: error.message });
    });
  }

  /** The first in the line: as many as there is room for, and some more for those who hand out next. */
  async #lookAhead(room: number, known?: readonly Ticket[]): Promise<Ticket[]> {
    const line = await this.line.head();
    return this.#readAll(line.slice(0, room + LOOK_AHEAD), known);
  }

  /** The tickets of places that were given, and that nobody has called. */
  #uncalled(places: readonly Place[]): Promise<Ticket[]> {
    return this.#readAll(places.filter((place) => isUncalled(place, Date.now())).map(({ ticket }) => ticket));
  }

  async #readAll(ids: readonly string[], known: readonly Ticket[] = []): Promise<Ticket[]> {
    const read = (id: string) => known.find((ticket) => ticket.id === id) ?? this.line.read(id);
    const tickets = await Promise.all(ids.map(read));
    return tickets.filter((ticket) => ticket !== undefined);
  }

  /** Has the executions of these tickets go on. Gives those for which nobody waits. */
  async #call(tickets: readonly Ticket[]): Promise<string[]> {
    if (tickets.length === 0) return [];
    const { call } = await import('./call-waiting.ts');
    const refused = await Promise.all(
      tickets.map(async ({ id, taskToken }) => {
        const now = Date.now();
        const turn: Turn = {
          ticket: id,
          calledAt: now,
          waitedInSeconds: Math.max(0, Math.round((now - readTicketId(id).arrivedAt) / 1000)),
        };
        try {
          if (!(await call(taskToken, turn))) return [id];
          await this.line.leave(id);
        } catch (error) {
          // It is called again by the next who comes.
          const { name, message } = error as Error;
          logger.warn('A render could not be told of its turn', { errorName: name, errorMessage: message });
        }
        return [];
      }),
    );
    return refused.flat();
  }

  async #read(): Promise<StoredValue<Register>> {
    return (await this.#register.read(this.#registerKey)) ?? { value: EMPTY_REGISTER, etag: '' };
  }

  #write({ etag }: StoredValue<Register>, changed: Omit<Register, 'version'>) {
    const next: Register = { version: 1, ...changed };
    return etag === ''
      ? this.#register.create(this.#registerKey, next)
      : this.#register.replace(this.#registerKey, etag, next);
  }
}

/** Full jitter, each time longer, in which some other changes the register. */
function backOff(round: number): Promise<void> {
  return sleep(Math.random() * Math.min(400, 20 * 2 ** round));
}
