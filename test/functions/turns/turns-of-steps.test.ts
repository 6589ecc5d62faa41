import { loadJob } from '../job.ts';
import { finishedProgress, remotionError, remotionProgress, startedRender } from '../remotion-progress.ts';
import { BUCKET, execution, render, TURNS_PREFIX } from '../steps.ts';

const { startRender, getProgress, failed, stopped, bucket, clock, call, getRenderProgress, ...job } =
  await loadJob({
    TURNS_PREFIX,
    MAX_CONCURRENT_RENDERS: '1',
  });
const { handler: awaitTurn } = await import('../../../functions/await-turn/await-turn.ts');

const REGISTER = `${TURNS_PREFIX}register.json`;
const holders = () => (bucket.json(REGISTER).places as { jobId: string }[]).map(({ jobId }) => jobId);

async function come(name: string) {
  clock.now += 1_000;
  const { ticket } = await awaitTurn({
    input: { jobId: name, render },
    executionArn: execution(name),
    enteredAt: new Date(clock.now).toISOString(),
    taskToken: `token of ${name}`,
  });
  return { ticket, calledAt: clock.now, waitedInSeconds: 0 };
}
const start = (jobId: string, turn: Awaited<ReturnType<typeof come>> | null, name = jobId) =>
  startRender({
    input: { jobId, render },
    executionArn: execution(name),
    enteredAt: new Date(clock.now).toISOString(),
    turn,
  });
const look = (turn: Awaited<ReturnType<typeof come>>, more: object = {}) =>
  getProgress({
    render: { ...startedRender, startedAt: clock.now, ...more },
    previous: startedRender,
    executionArn: execution('a'),
    turn,
  });

/** A render that has the one place, before one that waits. */
async function rendering() {
  const turn = await come('a');
  await start('a', turn);
  await come('b');
  return turn;
}

test('a start makes sure of its place first', async () => {
  const turn = await rendering();
  expect(bucket.json(REGISTER).places).toMatchObject([{ ticket: turn.ticket, takenAt: expect.any(Number) }]);
});

test('a start whose place was given to another starts nothing', async () => {
  const turn = await come('a');
  bucket.put({ Key: REGISTER, Body: JSON.stringify({ version: 1, places: [] }) });
  await expect(start('a', turn)).rejects.toMatchObject({ name: 'TurnLost' });
  expect(job.renderMediaOnLambda).not.toHaveBeenCalled();
});

test('an execution that was started before there was a limit starts its render', async () => {
  await expect(start('a', null)).resolves.toMatchObject({ renderId: 'render-1' });
});

test('a render that goes on keeps its place', async () => {
  const turn = await rendering();
  getRenderProgress.mockResolvedValue(remotionProgress());
  await look(turn);
  expect(holders()).toEqual(['a']);
});

test('a render that is finished gives its place to the next before its video is copied', async () => {
  const turn = await rendering();
  getRenderProgress.mockResolvedValue(finishedProgress);
  await look(turn);
  expect(holders()).toEqual(['b']);
  expect(call).toHaveBeenLastCalledWith('token of b', expect.anything());
});

test('a render that has failed gives its place to the next', async () => {
  const turn = await rendering();
  getRenderProgress.mockResolvedValue(remotionProgress({ errors: [remotionError({ isFatal: true })] }));
  await expect(look(turn)).rejects.toMatchObject({ name: 'RenderFailed' });
  expect(holders()).toEqual(['b']);
});

test('a render that has not begun in time may still begin: it keeps its place until it is cancelled', async () => {
  const turn = await rendering();
  getRenderProgress.mockResolvedValue(remotionProgress({ serveUrlOpened: null, renderMetadata: null }));
  const startedAt = clock.now - 600_000;
  await expect(look(turn, { startedAt, launchBy: startedAt })).rejects.toMatchObject({
    name: 'RenderThrottled',
  });
  expect(holders()).toEqual(['a']);
  await failed('a', 'RenderThrottled', 'render-1');
  expect(holders()).toEqual(['b']);
});

test('a render that another execution has started takes no place', async () => {
  const turn = await rendering();
  await look(turn, { ofOtherExecution: true });
  expect(holders()).toEqual(['b']);
});

test('a render that is not finished after four hours is given up, as the time of the execution allows for its wait', async () => {
  const turn = await rendering();
  getRenderProgress.mockResolvedValue(remotionProgress());
  const startedAt = clock.now - 4 * 3_600_000 - 1_000;
  const functionName = 'remotion-render-4-0-527-mem2048mb-disk2048mb-9000sec';
  await expect(look(turn, { startedAt, functionName })).rejects.toMatchObject({
    name: 'RenderTimedOut',
    message: expect.stringContaining('14401 s'),
  });
});

test('an execution that is stopped while it waits leaves the line', async () => {
  await rendering();
  await stopped('b', { jobId: 'b', render });
  expect([...bucket.objects.keys()].filter((key) => key.includes('/waiting/'))).toEqual([]);
  expect(holders()).toEqual(['a']);
});

test('an execution that is stopped when its turn has come, and before it starts its render, frees its place and starts nothing', async () => {
  const turn = await come('a');
  await come('b');
  await stopped('a', { jobId: 'a', render });
  expect(holders()).toEqual(['b']);
  await expect(start('a', turn)).rejects.toMatchObject({ name: 'TurnLost' });
  expect(job.renderMediaOnLambda).not.toHaveBeenCalled();
});

test('an execution that is stopped while its render is being started frees its place once that is cancelled', async () => {
  const turn = await come('a');
  await come('b');
  const isAsked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<unknown>();
  job.renderMediaOnLambda.mockImplementationOnce(() => {
    isAsked.resolve();
    return answer.promise;
  });
  const starting = start('a', turn);
  await isAsked.promise;
  const stopping = stopped('a', { jobId: 'a', render });
  for (let turnsOfTheLoop = 0; turnsOfTheLoop < 5; turnsOfTheLoop += 1) await new Promise(setImmediate);
  expect(holders()).toEqual(['a']);
  answer.resolve({ renderId: 'render-1', bucketName: BUCKET });
  await Promise.all([starting, stopping]);
  expect(job.cancelRenderOnLambda).toHaveBeenCalledTimes(1);
  expect(holders()).toEqual(['b']);
});

test('an execution that is stopped while its start waits for capacity frees its place at once', async () => {
  const turn = await come('a');
  await come('b');
  job.renderMediaOnLambda.mockImplementationOnce(async ({ requestHandler }) => {
    requestHandler.invoked = true;
    throw Object.assign(new Error('Rate Exceeded.'), { name: 'TooManyRequestsException' });
  });
  await expect(start('a', turn)).rejects.toMatchObject({ name: 'RenderStartThrottled' });
  expect(holders()).toEqual(['a']);
  await stopped('a', { jobId: 'a', render });
  expect(holders()).toEqual(['b']);
});

test('an execution that is stopped while it renders frees its place once its render is cancelled', async () => {
  await rendering();
  await stopped('a', { jobId: 'a', render });
  expect(job.cancelRenderOnLambda).toHaveBeenCalledTimes(1);
  expect(holders()).toEqual(['b']);
});

test('that a place cannot be given back fails nothing: the sweep finds it', async () => {
  const turn = await rendering();
  getRenderProgress.mockResolvedValue(finishedProgress);
  bucket.nextPuts.push(...Array<'fails'>(100).fill('fails'));
  await expect(look(turn)).resolves.toMatchObject({ finished: true });
  expect(holders()).toEqual(['a']);
});
