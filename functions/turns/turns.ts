import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Turn } from '../../statemachine/contract.ts';
import { WorkflowError } from '../../statemachine/errors.ts';
import { ConditionalObjects, type StoredValue } from '../runtime/conditional-objects.ts';
import { logger } from '../runtime/step-handler.ts';
import { EMPTY_REGISTER, isUncalled, nextInLine, type Place, type Register } from './register.ts';
import { hashOfExecution, readTicketId } from './ticket-id.ts';
import { type Ticket, WaitingLine } from './waiting-line.ts';

/** Rounds against others who change the register too; all together they take some ten seconds at most. */
const MAX_ROUNDS = 40;

/** Tickets that are read beyond those for which there is room. */
const READ_AHEAD = 3;

export interface TurnsOptions {
  readonly s3: S3Client;
  readonly bucketName: string;
  /** Under which register and tickets lie. */
  readonly prefix: string;
  /** How many renders may run at once. @default - all that wait */
  readonly limit?: number | undefined;
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
  async handOut(isOver?: (place: Place) => boolean): Promise<void> {
    const refused = new Set<string>();
    const over = new Set<string>();
    const readKept = async () => {
      const stored = await this.#read();
      const { places } = stored.value;
      for (const place of places) if (isOver?.(place)) over.add(place.ticket);
      const isBack = ({ ticket, takenAt }: Place) => over.has(ticket) || (refused.has(ticket) && !takenAt);
      const kept = places.filter((place) => !isBack(place));
      return { stored, kept, isChanged: kept.length < places.length };
    };
    // Who gives a place back makes room, and so need not see first whether there is any.
    let head = isOver && this.line.head();
    let next: readonly Ticket[] | undefined;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      let [now] = await Promise.all([readKept(), head]);
      const isLineNew = next === undefined;
      if (!next && this.#hasToCall(now.kept)) {
        const line = (await (head ?? this.line.head())).filter((id) => !refused.has(id) && !over.has(id));
        // Read anew beside the tickets, so that others have little time to change it before it is written.
        [next, now] = await Promise.all([this.#readFirst(now.kept, line), readKept()]);
      }
      head = undefined;
      const { stored, kept, isChanged } = now;
      const called = this.#toCall(kept, next ?? []);
      if (called.length === 0 && !isChanged) {
        await this.line.leave(...refused);
        if (isLineNew || !this.#hasToCall(kept)) return;
        next = undefined;
      } else if (await this.#write(stored, withCalled(kept, called, this.#limit))) {
        // Only now: a ticket without a place is called again, a place without a ticket by nobody.
        const [answers] = await Promise.all([this.#call(called), this.line.leave(...refused, ...over)]);
        refused.clear();
        for (const ticket of answers) refused.add(ticket);
        // A ticket may have come since the line was looked at, and have found no room.
        next = undefined;
      } else await backOff(round);
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
      const { places } = stored.value;
      const own = places.find((place) => place.ticket === ticket);
      if (!own)
        throw new WorkflowError('TurnLost', `The turn of ticket ${ticket} was given to another render.`);
      if (own.takenAt !== undefined) return false;
      const taken = { ...own, takenAt: Date.now() };
      const next = places.map((place) => (place === own ? taken : place));
      if (await this.#write(stored, next)) return true;
      await backOff(round);
    }
    throw new WorkflowError('RenderStartPending', 'The register of turns is changed by others all the time.');
  }

  /** Takes back all that an execution has, which starts nothing any more: its tickets and its places. */
  async leave(executionArn: string): Promise<void> {
    const own = hashOfExecution(executionArn);
    const line = await this.line.all();
    await this.line.leave(...line.filter((id) => readTicketId(id).executionHash === own));
    await this.handOut((place) => place.executionArn === executionArn);
  }

  /** As `handOut`, of which nothing else depends: what it leaves undone the sweep does. */
  async quietly(what: (turns: this) => Promise<void>): Promise<void> {
    await what(this).catch((error: Error) => {
      logger.warn('The turns could not be handed on', { errorName: error.name, errorMessage: error.message });
    });
  }

  #hasToCall(kept: readonly Place[]): boolean {
    return kept.length < this.#limit || kept.some((place) => isUncalled(place, Date.now()));
  }

  /** The tickets of uncalled places, those for which there is room, and some more in case that others call these. */
  async #readFirst(kept: readonly Place[], line: readonly string[]): Promise<Ticket[]> {
    const uncalled = kept.filter((place) => isUncalled(place, Date.now())).map(({ ticket }) => ticket);
    const again = uncalled.filter((ticket) => line.includes(ticket));
    const ids = [...again, ...nextInLine(kept, line, this.#limit + READ_AHEAD)];
    const tickets = await Promise.all(ids.map((id) => this.line.read(id)));
    return tickets.filter((ticket) => ticket !== undefined);
  }

  /** Of these tickets those of uncalled places, and as many as there is room for. */
  #toCall(kept: readonly Place[], tickets: readonly Ticket[]): Ticket[] {
    const uncalled = new Set(
      kept.filter((place) => isUncalled(place, Date.now())).map(({ ticket }) => ticket),
    );
    const ids = tickets.map(({ id }) => id);
    const next = new Set(nextInLine(kept, ids, this.#limit));
    return tickets.filter(({ id }) => uncalled.has(id) || next.has(id));
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

  #write({ etag }: StoredValue<Register>, places: readonly Place[]) {
    const next: Register = { version: 1, places };
    return etag === ''
      ? this.#register.create(this.#registerKey, next)
      : this.#register.replace(this.#registerKey, etag, next);
  }
}

/** The places with those of the tickets. Without a limit there is nothing to make sure of: they count as taken. */
function withCalled(kept: readonly Place[], tickets: readonly Ticket[], limit: number): Place[] {
  const since = Date.now();
  const given = tickets.map(({ id: ticket, executionArn, jobId }) => ({
    ...{ ticket, executionArn, jobId, since },
    ...(limit === Number.POSITIVE_INFINITY && { takenAt: since }),
  }));
  const called = new Set(given.map(({ ticket }) => ticket));
  return [...kept.filter(({ ticket }) => !called.has(ticket)), ...given];
}

/** Full jitter, each time longer, in which some other changes the register. */
function backOff(round: number): Promise<void> {
  return sleep(Math.random() * Math.min(400, 20 * 2 ** round));
}
