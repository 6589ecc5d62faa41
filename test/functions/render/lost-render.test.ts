import { whyLost } from '../../../functions/render/lost-render.ts';
import {
  finishedProgress,
  remotionError,
  remotionProgress,
  STARTED_AT,
  startedRender,
} from '../remotion-progress.ts';

const CONCURRENCY_LIMIT =
  'AWS Concurrency limit reached (Original Error: Rate Exceeded.). See https://www.remotion.dev/docs/lambda/troubleshooting/rate-limit for tips to fix this.';
const FUNCTION_TIMEOUT = 240_000;
const lost = (progress: Parameters<typeof whyLost>[1], elapsedInMs = 10_000) =>
  whyLost(startedRender, progress, FUNCTION_TIMEOUT, STARTED_AT + elapsedInMs);

describe('a render is lost', () => {
  test("with Remotion's name and message and the place, when an error ended it", () => {
    const error = lost(remotionProgress({ errors: [remotionError({ frame: 12, chunk: 3 })] }));
    expect(error?.name).toBe('RenderFailed');
    expect(error?.message).toBe(
      'Render abcde12345 failed at frame 12 in chunk 3: TypeError: Cannot read properties of undefined',
    );
  });

  test('without the stack, and with a long message cut', () => {
    const error = lost(remotionProgress({ errors: [remotionError({ message: 'x'.repeat(50_000) })] }));
    expect(error?.message.length).toBeLessThan(1_200);
  });

  test('as timed out when Remotion says that its function timed out', () => {
    const timeout = remotionError({
      name: 'TimeoutError',
      message: 'The main function timed out after 240000ms.\nConsider increasing the timeout.',
    });
    const error = lost(remotionProgress({ errors: [timeout] }));
    expect(error?.name).toBe('RenderTimedOut');
    expect(error?.message).toContain('The main function timed out after 240000ms.');
  });

  test('as cancelled when Remotion was told to stop', () => {
    const cancelled = remotionError({ name: 'Error', message: 'renderFrames() got cancelled' });
    expect(lost(remotionProgress({ errors: [cancelled] }))?.name).toBe('RenderCancelled');
  });

  test('as failed when something in the page timed out', () => {
    const timeout = remotionError({ name: 'TimeoutError', message: 'delayRender() was not cleared' });
    expect(lost(remotionProgress({ errors: [timeout] }))?.name).toBe('RenderFailed');
  });

  test('when it has not got going by the end of its function, which Remotion cannot tell', () => {
    const waiting = remotionProgress({ renderMetadata: null, overallProgress: 0 });
    expect(lost(waiting, FUNCTION_TIMEOUT + 29_000)).toBeUndefined();
    expect(lost(waiting, FUNCTION_TIMEOUT + 31_000)).toMatchObject({
      name: 'RenderTimedOut',
      message: expect.stringContaining('did not get going within 271 s'),
    });
  });

  test.each([
    ['in a chunk', { chunk: 3, name: 'Error', message: CONCURRENCY_LIMIT }],
    ['in the main function', { chunk: null, name: 'Error', message: `Error: ${CONCURRENCY_LIMIT}` }],
  ])('as throttled when Lambda had no capacity for a function of it, told %s', (_where, changes) => {
    const error = lost(remotionProgress({ errors: [remotionError(changes)] }));
    expect(error?.name).toBe('RenderThrottled');
    expect(error?.message).toContain('AWS Concurrency limit reached');
  });

  test('for its own reason, also when the functions that it cancelled say so first', () => {
    const cancelled = remotionError({ name: 'CancelledError', message: 'renderFrames() got cancelled' });
    const throttled = remotionError({ name: 'Error', message: CONCURRENCY_LIMIT });
    expect(lost(remotionProgress({ errors: [cancelled, throttled] }))?.name).toBe('RenderThrottled');
  });

  test('for good, when Remotion refuses an option: the same request will fail again', () => {
    const refused = remotionError({
      name: 'Error',
      message: '"scale" must be smaller or equal than 16, but is 100',
      chunk: 0,
    });
    expect(lost(remotionProgress({ errors: [refused] }))?.message).toBe(
      'Render abcde12345 failed in chunk 0: Error: "scale" must be smaller or equal than 16, but is 100 The same request will fail again.',
    );
  });

  test('as throttled when its function has not begun by the time that its request allows', () => {
    const queued = remotionProgress({ renderMetadata: null, serveUrlOpened: null, overallProgress: 0 });
    const patient = { ...startedRender, launchBy: STARTED_AT + 600_000 };
    const waited = (elapsedInMs: number, render = patient) =>
      whyLost(render, queued, FUNCTION_TIMEOUT, STARTED_AT + elapsedInMs);
    expect(waited(599_000)).toBeUndefined();
    expect(waited(601_000)).toMatchObject({ name: 'RenderThrottled' });
    // What has begun and died says no more than what has not begun: neither is given up before it can have died.
    const impatient = { ...startedRender, launchBy: STARTED_AT };
    expect(waited(269_000, impatient)).toBeUndefined();
    expect(waited(271_000, impatient)).toMatchObject({ name: 'RenderThrottled' });
  });

  test('after as long as ever when its function has begun late', () => {
    const begun = { functionLaunched: STARTED_AT + 1_000_000 };
    const late = remotionProgress(begun);
    expect(lost(late, 1_000_000 + 2 * FUNCTION_TIMEOUT)).toBeUndefined();
    expect(lost(late, 1_000_000 + 2 * FUNCTION_TIMEOUT + 31_000)?.name).toBe('RenderTimedOut');
  });

  test('when no function of it can still be running', () => {
    expect(lost(remotionProgress(), 2 * FUNCTION_TIMEOUT + 29_000)).toBeUndefined();
    expect(lost(remotionProgress(), 2 * FUNCTION_TIMEOUT + 31_000)).toMatchObject({
      name: 'RenderTimedOut',
      message: expect.stringContaining('is at 50 %'),
    });
  });
});

describe('a render is not lost', () => {
  test('while Remotion tries a chunk again', () => {
    const errors = [remotionError({ willRetry: true }), remotionError({ isFatal: false })];
    expect(lost(remotionProgress({ errors }))).toBeUndefined();
  });

  test('once it is finished, whatever happened before', () => {
    const progress = { ...finishedProgress, errors: [remotionError()] };
    expect(lost(progress, 10 * FUNCTION_TIMEOUT)).toBeUndefined();
  });
});
