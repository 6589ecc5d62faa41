import { generateTrace } from '../../bench/generate-trace.ts';
import { FIXED_5, OURS, OURS_AT_120 } from '../../bench/policies.ts';
import { costOf } from '../../bench/prices.ts';
import { finishOf, formatTrace, parseTrace, type RenderTrace } from '../../bench/render-trace.ts';
import { replayTrace } from '../../bench/replay-trace.ts';
import { recordedTraces } from '../../bench/traces.ts';

process.env.AWS_ACCESS_KEY_ID = 'bench';
process.env.AWS_SECRET_ACCESS_KEY = 'bench';

const recorded = (name: string) => recordedTraces().find((trace) => trace.name === name) as RenderTrace;

describe('the loop, through the definition in virtual time', () => {
  test.each(['one-second-with-audio', 'one-second-without-audio', 'chunk-retried', 'one-minute-with-audio'])(
    'knows the finish of the recorded render %s within a second, for less than a fixed loop',
    async (name) => {
      const trace = recorded(name);
      const ours = await replayTrace(trace, OURS);
      expect(ours.delayInMs).toBeGreaterThan(0);
      expect(ours.delayInMs).toBeLessThan(1_000);
      expect(ours.longestSilenceInMs).toBeLessThan(30_000);
      expect(costOf(ours)).toBeLessThan(costOf(await replayTrace(trace, FIXED_5)));
    },
  );

  test('takes few transitions for a long render, fewer when updates may be seldom', async () => {
    const trace = generateTrace({ seconds: 300, functions: 1, seed: 7 });
    const fixed = (await replayTrace(trace, FIXED_5)).stateTransitions;
    expect((await replayTrace(trace, OURS)).stateTransitions).toBeLessThanOrEqual(fixed / 5);
    expect((await replayTrace(trace, OURS_AT_120)).stateTransitions).toBeLessThanOrEqual(fixed / 10);
  });

  test('counts a fixed loop as the bill does', async () => {
    const trace = recorded('one-second-with-audio');
    await expect(replayTrace(trace, FIXED_5)).resolves.toMatchObject({
      stateTransitions: 3,
      invocations: 1,
      s3Reads: 1,
    });
  });
});

describe('a trace', () => {
  test('is generated the same for the same seed and another for another', () => {
    const generate = (seed: number) => generateTrace({ seconds: 20, functions: 8, seed });
    expect(generate(1)).toEqual(generate(1));
    expect(generate(1)).not.toEqual(generate(2));
  });

  test('ends with all frames and about when it was asked to', () => {
    const trace = generateTrace({ seconds: 60, functions: 8, seed: 1 });
    expect(trace.versions.at(-1)).toMatchObject({ framesRendered: trace.framesTotal, combined: true });
    expect(finishOf(trace)).toBeGreaterThan(45_000);
    expect(finishOf(trace)).toBeLessThan(150_000);
  });

  test('is the same when it has been written and read', () => {
    const trace = recorded('hello-world');
    expect(parseTrace(formatTrace(trace))).toEqual(trace);
  });
});
