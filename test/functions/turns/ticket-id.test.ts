import {
  hashOfExecution,
  readTicketId,
  type TicketFacts,
  ticketId,
} from '../../../functions/turns/ticket-id.ts';

const MINUTE = 60_000;
const NOON = Date.UTC(2026, 0, 1, 12);

const id = (facts: Partial<TicketFacts> = {}) =>
  ticketId({
    goesFirst: false,
    priority: 'normal',
    arrivedAt: NOON,
    giveUpAt: NOON + 300_000,
    executionArn: 'arn:a',
    taskToken: 'token',
    ...facts,
  });

describe('the ids of tickets, in their order', () => {
  test('are first come, first served', () => {
    expect(id() < id({ arrivedAt: NOON + 1 })).toBe(true);
  });

  test('put a high priority before a normal one that came less than 15 minutes earlier, and that before a low one', () => {
    const high = (minutes: number) => id({ priority: 'high', arrivedAt: NOON + minutes * MINUTE });
    const low = (minutes: number) => id({ priority: 'low', arrivedAt: NOON + minutes * MINUTE });
    expect(high(14) < id()).toBe(true);
    expect(id() < low(-14)).toBe(true);
  });

  test('let nobody starve: who has waited for longer than the priority is worth comes first', () => {
    const high = (minutes: number) => id({ priority: 'high', arrivedAt: NOON + minutes * MINUTE });
    expect(id() < high(16)).toBe(true);
    expect(id({ priority: 'low' }) < high(31)).toBe(true);
  });

  test('put a render that was throttled before all others', () => {
    expect(id({ goesFirst: true, arrivedAt: NOON + 60 * MINUTE }) < id({ priority: 'high' })).toBe(true);
  });
});

test('an id says when its render came, how long it waits and whose it is', () => {
  expect(readTicketId(id())).toEqual({
    arrivedAt: NOON,
    giveUpAt: NOON + 300_000,
    executionHash: hashOfExecution('arn:a'),
  });
});

test('each attempt to wait has an id of its own', () => {
  expect(id({ taskToken: 'another' })).not.toBe(id());
});
