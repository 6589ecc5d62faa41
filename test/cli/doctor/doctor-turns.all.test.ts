import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { ticketId } from '../../../functions/turns/ticket-id.ts';
import { setting } from './broken-answers.ts';
import { doctorOnMachine } from './doctor-on-machine.ts';

const doctor = doctorOnMachine();
const { on, breakAnswers, examine } = doctor;

const MINUTE = 60_000;

const object = async (name: string) => ({
  Bucket: on.machine.remotionBucketName,
  Key: (await (await doctor.facts()).settings()).turnsPrefix + name,
});
const put = async (name: string, value: object) =>
  on.s3.send(new PutObjectCommand({ ...(await object(name)), Body: JSON.stringify(value) }));
const remove = async (name: string) => on.s3.send(new DeleteObjectCommand(await object(name)));

const executionOf = (name: string) =>
  `${on.stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;

/** A ticket as AwaitTurn leaves it. @returns its name */
async function wait(job: string, arrivedAt: number, giveUpAt: number): Promise<string> {
  const facts = { executionArn: executionOf(job), taskToken: job };
  const id = ticketId({ goesFirst: false, priority: 'normal', arrivedAt, giveUpAt, ...facts });
  await put(`waiting/${id}`, { ...facts, jobId: job });
  return `waiting/${id}`;
}

describe('with a limit of renders at once', () => {
  beforeEach(() => breakAnswers(setting({ MAX_CONCURRENT_RENDERS: '2' })));

  const remedy = expect.stringMatching(/log of SweepRenders/);

  test('places that executions hold which have ended are told by job', async () => {
    const since = Date.now() - 20 * MINUTE;
    const place = { ticket: 't', executionArn: executionOf('gone'), jobId: 'order-1', since, takenAt: since };
    await put('register.json', { version: 1, places: [place] });
    expect(await examine('turns')).toMatchObject({
      status: 'warn',
      found: 'places held by executions that have ended: order-1',
      remedy,
    });
    // The sweep comes by in time.
    await put('register.json', { version: 1, places: [{ ...place, since: Date.now() }] });
    expect(await examine('turns')).toMatchObject({ status: 'ok', found: '1 of 2 places taken, none waits' });
  });

  test('who waits is counted, and told of when it is for too long', async () => {
    const now = Date.now();
    const first = await wait('first', now - 2 * MINUTE, now + MINUTE);
    expect(await examine('turns')).toMatchObject({
      status: 'ok',
      found: '1 of 2 places taken, 1 wait, the first for 2 minutes',
    });
    const uncalled = await wait('uncalled', now - 30 * MINUTE, now + MINUTE);
    expect(await examine('turns')).toMatchObject({
      status: 'warn',
      found: '2 wait, and only 1 of 2 places are taken',
      remedy,
    });
    const late = await wait('late', now - 90 * MINUTE, now - 30 * MINUTE);
    expect(await examine('turns')).toMatchObject({
      status: 'warn',
      found: '1 wait for longer than their requests allow',
      remedy,
    });
    for (const name of [first, uncalled, late, 'register.json']) await remove(name);
  });
});

test('a sweep that has not run for long is told of', async () => {
  await put('last-sweep.json', { at: Date.now() - 60 * MINUTE, running: [] });
  expect(await examine('sweep')).toMatchObject({
    status: 'warn',
    found: 'the last was 60 minutes ago',
    remedy: expect.stringMatching(/Renders of stopped executions may go on.*log of SweepRenders/),
  });
  await put('last-sweep.json', { at: Date.now() - 2 * MINUTE, running: [] });
  expect(await examine('sweep')).toMatchObject({ status: 'ok', found: 'the last was 2 minutes ago' });
  await remove('last-sweep.json');
  expect(await examine('sweep')).toMatchObject({ status: 'ok', found: expect.stringContaining('the first') });
});
