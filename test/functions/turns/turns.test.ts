import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { jest } from '@jest/globals';
import { execution, loadSteps, TURNS_PREFIX } from '../steps.ts';

const { bucket, clock, call } = await loadSteps();
const { Turns } = await import('../../../functions/turns/turns.ts');
const { ticketId } = await import('../../../functions/turns/ticket-id.ts');

const s3 = new S3Client({ region: 'us-east-1' });
const turnsOf = (limit?: number) => new Turns({ s3, bucketName: 'b', prefix: TURNS_PREFIX, limit });
const two = turnsOf(2);

/** Tokens with which an execution waits. */
const waiting = new Set<string>();
beforeEach(() => {
  waiting.clear();
  call.mockImplementation(async (token) => waiting.delete(token));
});

/** An execution leaves a ticket, a second after the one before. */
async function leaveTicket(name: string, goesFirst = false) {
  clock.now += 1_000;
  const facts = { executionArn: execution(name), taskToken: `token of ${name}` };
  const arrived = { arrivedAt: clock.now, giveUpAt: clock.now + 300_000 };
  const id = ticketId({ ...facts, ...arrived, goesFirst, priority: 'normal' });
  const ticket = { id, jobId: name, ...facts };
  await two.line.join(ticket);
  waiting.add(facts.taskToken);
  return ticket;
}
const join = async (name: string) => (await leaveTicket(name)).id;

const holders = async () => (await two.places()).map(({ jobId }) => jobId);
const line = () => two.line.all();
const give = (name: string) => two.handOut(({ jobId }) => jobId === name);

describe('places are handed out', () => {
  test('to as many as may run at once, in the order of the line, each told once', async () => {
    for (const name of ['a', 'b', 'c']) await join(name);
    await two.handOut();
    expect(await holders()).toEqual(['a', 'b']);
    expect(call.mock.calls.map(([token]) => token)).toEqual(['token of a', 'token of b']);
    expect(call.mock.calls[0]?.[1]).toMatchObject({ waitedInSeconds: 2, calledAt: clock.now });
    expect(await line()).toHaveLength(1);
  });

  test('to the next when one is taken back', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await join(name);
    await two.handOut();
    await give('a');
    expect(await holders()).toEqual(['b', 'c']);
  });

  test('never to more, however many hand out at once', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) await join(name);
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map(() => turnsOf(2).handOut()));
    expect(await holders()).toEqual(['a', 'b']);
    expect(call).toHaveBeenCalledTimes(2);
  });

  test('once, also where the answer of S3 to the register was lost', async () => {
    await join('a');
    bucket.nextPuts.push('loses its answer');
    await two.handOut();
    expect(await holders()).toEqual(['a']);
    expect(call).toHaveBeenCalledTimes(1);
  });

  test('also to one that has come, and found no room, while another looked at the line to make some', async () => {
    for (const name of ['a', 'b']) await join(name);
    await two.handOut();
    const before = await line();
    jest.spyOn(two.line, 'head').mockImplementationOnce(async () => {
      await two.handOut(undefined, { joined: await leaveTicket('c') });
      return before;
    });
    await give('a');
    expect(await holders()).toEqual(['b', 'c']);
  });

  test('not at all while there are more renders than a lowered limit', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await join(name);
    await turnsOf(3).handOut();
    await give('a');
    expect(await holders()).toEqual(['b', 'c']);
    await give('b');
    expect(await holders()).toEqual(['c', 'd']);
  });

  test('to all where there is no limit any more, as taken', async () => {
    for (const name of ['a', 'b', 'c']) await join(name);
    await turnsOf().handOut();
    expect(await holders()).toEqual(['a', 'b', 'c']);
    expect((await two.places()).every(({ takenAt }) => takenAt !== undefined)).toBe(true);
    expect(await line()).toEqual([]);
  });

  test('to nobody who does not wait any more: the place goes to the next, and the ticket is gone', async () => {
    for (const name of ['a', 'b', 'c']) await join(name);
    waiting.delete('token of a');
    await two.handOut();
    expect(await holders()).toEqual(['b', 'c']);
    expect(await line()).toEqual([]);
  });
});

describe('the register knows the first of the line', () => {
  /** Of eight that wait two have a place. */
  async function eightWait(): Promise<void> {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) await join(name);
    await two.handOut();
    bucket.s3.resetHistory();
  }
  const looks = () => bucket.s3.commandCalls(ListObjectsV2Command).length;

  test('so that who makes room need not look for the next', async () => {
    await eightWait();
    for (const { ticket } of await two.places()) await two.take(ticket);
    for (const name of ['a', 'b', 'c', 'd']) await give(name);
    expect(await holders()).toEqual(['e', 'f']);
    expect(looks()).toBe(0);
  });

  test('until they have all had their turn: then the line is looked at', async () => {
    await eightWait();
    await join('i');
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) await give(name);
    expect(await holders()).toEqual(['h', 'i']);
    expect(looks()).toBe(1);
  });

  test('and who makes room where there was some already need not look, as nobody waits', async () => {
    for (const name of ['a', 'b']) await join(name);
    await two.handOut();
    await give('a');
    bucket.s3.resetHistory();
    await give('b');
    expect(await holders()).toEqual([]);
    expect(looks()).toBe(0);
  });

  test('and one that comes later and goes before them', async () => {
    await eightWait();
    const joined = await leaveTicket('x', true);
    await two.handOut(undefined, { joined });
    await give('a');
    await give('b');
    expect(await holders()).toEqual(['x', 'c']);
  });

  test('and not one that comes after them, which changes nothing', async () => {
    await eightWait();
    const before = bucket.objects.get(`${TURNS_PREFIX}register.json`);
    await two.handOut(undefined, { joined: await leaveTicket('x') });
    expect(bucket.objects.get(`${TURNS_PREFIX}register.json`)).toBe(before);
  });

  test('and where it does not, who looks anew puts it right', async () => {
    await eightWait();
    // The function that should have put it in has died.
    await leaveTicket('x', true);
    await two.handOut(undefined, { looksAnew: true });
    await give('a');
    expect(await holders()).toEqual(['b', 'x']);
  });

  test('but for those that have left it', async () => {
    await eightWait();
    await two.leave(execution('c'));
    await give('a');
    expect(await holders()).toEqual(['b', 'd']);
    expect(call).not.toHaveBeenCalledWith('token of c', expect.anything());
  });

  test('and calls the one after it where nobody waits with it any more', async () => {
    await eightWait();
    waiting.delete('token of c');
    await give('a');
    expect(await holders()).toEqual(['b', 'd']);
  });
});

describe('who has died after it gave a place', () => {
  const dies = () => call.mockRejectedValueOnce(new Error('The function has ended.'));

  test('is left the time to call', async () => {
    await join('a');
    dies();
    await two.handOut();
    await two.handOut();
    expect(call).toHaveBeenCalledTimes(1);
  });

  test('is stood in for by the next who comes', async () => {
    await join('a');
    dies();
    await two.handOut();
    clock.now += 6_000;
    await two.handOut();
    expect(call).toHaveBeenCalledTimes(2);
    expect(await holders()).toEqual(['a']);
    expect(await line()).toEqual([]);
  });

  test('has called before it died: a place that is taken stays', async () => {
    const ticket = await join('a');
    call.mockImplementationOnce(async (token) => {
      waiting.delete(token);
      throw new Error('The answer is lost.');
    });
    await two.handOut();
    await two.take(ticket);
    clock.now += 6_000;
    await two.handOut();
    expect(await holders()).toEqual(['a']);
  });

  test('has called before it died: a place that nobody has taken yet goes on to the next, and its turn is lost', async () => {
    const ticket = await join('a');
    call.mockImplementationOnce(async (token) => {
      waiting.delete(token);
      throw new Error('The answer is lost.');
    });
    await two.handOut();
    clock.now += 6_000;
    await two.handOut();
    expect(await holders()).toEqual([]);
    await expect(two.take(ticket)).rejects.toMatchObject({ name: 'TurnLost' });
  });
});

describe('a place', () => {
  test('is taken once, and says so', async () => {
    const ticket = await join('a');
    await two.handOut();
    expect(await two.take(ticket)).toBe(true);
    expect(await two.take(ticket)).toBe(false);
  });

  test('leaves no ticket behind when it is taken back, that would get it again', async () => {
    const ticket = await join('a');
    await two.handOut();
    await two.take(ticket);
    // The one that has called it died before the ticket was deleted.
    bucket.put({ Key: `${TURNS_PREFIX}waiting/${ticket}`, Body: '{}' });
    await give('a');
    expect(await line()).toEqual([]);
    expect(await holders()).toEqual([]);
  });

  test('of an execution that leaves goes to the next, with all its tickets', async () => {
    for (const name of ['a', 'b', 'c', 'a']) await join(name);
    await two.handOut();
    await two.leave(execution('a'));
    expect(await holders()).toEqual(['b', 'c']);
    expect(await line()).toEqual([]);
  });
});
