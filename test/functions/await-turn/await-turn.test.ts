import { S3Client } from '@aws-sdk/client-s3';
import { BUCKET, execution, loadSteps, render, TURNS_PREFIX } from '../steps.ts';

const { bucket, clock, call } = await loadSteps({
  TURNS_PREFIX,
  MAX_CONCURRENT_RENDERS: '1',
  SITES_URL: 'https://sites.example.com/',
});
const { handler: awaitTurn } = await import('../../../functions/await-turn/await-turn.ts');

const { readTurns } = await import('../../../functions/turns/read-turns.ts');

const REGISTER = `${TURNS_PREFIX}register.json`;
const WAITING = `${TURNS_PREFIX}waiting/`;

const come = (name: string, request: object = {}, more: object = {}) =>
  awaitTurn({
    input: { jobId: name, render, ...request },
    executionArn: execution(name),
    enteredAt: new Date(clock.now).toISOString(),
    taskToken: `token of ${name}`,
    ...more,
  });
const line = () => [...bucket.objects.keys()].filter((key) => key.startsWith(WAITING));
const places = () => bucket.json(REGISTER).places as { ticket: string }[];

test('a render whose turn has come is called at once', async () => {
  await come('a');
  expect(call).toHaveBeenCalledWith('token of a', expect.objectContaining({ waitedInSeconds: 0 }));
  expect(places()).toMatchObject([{ executionArn: execution('a'), jobId: 'a' }]);
  expect(line()).toEqual([]);
});

test('a render that has to wait leaves a ticket, and is told until when it waits: a day, if it does not say', async () => {
  await come('a');
  const waits = await come('b');
  expect(call).toHaveBeenCalledTimes(1);
  expect(line()).toEqual([`${WAITING}${waits.ticket}`]);
  expect(Date.parse(waits.waitsUntil) - clock.now).toBe(86_400_000);
});

test('a request that is not valid waits for nothing', async () => {
  await expect(come('a', { render: { codec: 'h264' } })).rejects.toMatchObject({
    name: 'InvalidRenderRequest',
    message: expect.stringContaining('render.composition'),
  });
  expect(bucket.objects.size).toBe(0);
});

test.each([
  ['destination.bucket', { destination: { bucket: 'of-somebody-else' } }],
  ['destination.tags', { destination: { tags: { order: '1' } } }],
  ['destination.key', { destination: { key: 'video.webm' } }],
  ['size', { size: 'large' }],
  ['render.serveUrl', { render: { ...render, serveUrl: undefined } }],
  ['render.privacy', { render: { ...render, privacy: 'public' } }],
])('nor one that asks for what the stack does not have: %s', async (field, request) => {
  await expect(come('a', request)).rejects.toMatchObject({
    name: 'InvalidRenderRequest',
    message: expect.stringContaining(`${field}: `),
  });
  expect(bucket.objects.size).toBe(0);
});

test('a request that would not wait ends at once, and says where it stood', async () => {
  await come('a');
  await come('b');
  clock.now += 1_000;
  await expect(come('c', { startTimeoutInSeconds: 0 })).rejects.toMatchObject({
    name: 'RenderThrottled',
    message: expect.stringContaining('number 2 of 2'),
  });
  expect(line()).toHaveLength(1);
});

test('a render that was throttled is the first of the line, and waits no longer than its start may', async () => {
  await come('a');
  const [b, c] = [await come('b'), await come('c', {}, { throttledRenderId: 'render-1' })];
  expect(line().sort()).toEqual([`${WAITING}${c.ticket}`, `${WAITING}${b.ticket}`]);
  const enteredAt = new Date(clock.now - 301_000).toISOString();
  const late = { throttledRenderId: 'render-1', enteredAt };
  await expect(come('d', { startTimeoutInSeconds: 300 }, late)).rejects.toMatchObject({
    name: 'RenderThrottled',
  });
});

test('a render that comes later and goes before those of whom the register knows is before them there, too', async () => {
  const { ticket } = await come('a');
  for (const name of ['b', 'c']) {
    clock.now += 1_000;
    await come(name);
  }
  // Who makes room looks at the line: b has the place, and c is known to be next.
  const turns = readTurns(new S3Client({ region: 'us-east-1' }), BUCKET);
  await turns?.handOut((place) => place.ticket === ticket);
  const next = () => (bucket.json(REGISTER).next as { jobId: string }[]).map(({ jobId }) => jobId);
  expect(next()).toEqual(['c']);
  await come('d', { priority: 'high' });
  await come('e', {}, { throttledRenderId: 'render-1', lastTicket: 'gone' });
  clock.now += 1_000;
  await come('f');
  expect(next()).toEqual(['e', 'd', 'c']);
});

test('the place of a turn that is over goes to the next, also where nobody else has given it back', async () => {
  const { ticket } = await come('a');
  const b = await come('b');
  const again = { throttledRenderId: 'render-1', lastTicket: ticket, taskToken: 'a second token of a' };
  await come('a', {}, again);
  expect(places()).toMatchObject([{ executionArn: execution('a') }]);
  expect(places()[0]?.ticket).not.toBe(ticket);
  expect(line()).toEqual([`${WAITING}${b.ticket}`]);
});

test('a place that cannot be given back is tried again', async () => {
  const { ticket } = await come('a');
  bucket.nextPuts.push('succeeds', 'fails');
  await expect(come('a', {}, { lastTicket: ticket, taskToken: 'another' })).rejects.toMatchObject({
    name: 'RenderStartPending',
  });
});

test('a render that loses its turn again and again is not started, and waits no more', async () => {
  await expect(come('a', {}, { lostTurns: 10 })).resolves.toBeDefined();
  await expect(come('b', {}, { lostTurns: 11 })).rejects.toMatchObject({ name: 'RenderNotStarted' });
});

test('a ticket that S3 does not take is tried again, while there is time', async () => {
  bucket.nextPuts.push('fails');
  await expect(come('a')).rejects.toMatchObject({ name: 'RenderStartPending' });
});
