import type { FrameCounters } from '../../../functions/get-render-progress/estimate-finish.ts';
import {
  type EarlierLook,
  followRender,
  LONGEST_STAY_IN_SECONDS,
} from '../../../functions/get-render-progress/follow-render.ts';
import { seededRandom } from '../../../proof/faults/seeded-random.ts';
import type { RenderPhase } from '../../../statemachine/contract.ts';

/** A clock that only sleeping moves, by `pace` of what it should. */
class TestClock {
  slept = 0;
  time = 1_000_000;
  readonly pace: number;
  constructor(pace = 1) {
    this.pace = pace;
  }
  now = () => this.time;
  sleep = async (milliseconds: number) => {
    this.slept += milliseconds;
    this.time += milliseconds * this.pace;
  };
}

const rendering = (framesRendered: number, framesTotal = 1_000): FrameCounters => ({
  done: framesRendered >= framesTotal,
  framesTotal,
  framesRendered: Math.min(framesRendered, framesTotal),
  framesEncoded: 0,
  combinedFrames: 0,
});

/** Follows a render of 1,000 frames that are rendered at that speed from the clock's time 1,000,000 on. */
async function follow(
  framesPerSecond: number,
  earlier?: EarlierLook,
  maxSecondsBetweenUpdates = 30,
  clock = new TestClock(),
) {
  let reads = 0;
  const read = async () => {
    reads += 1;
    return { progress: reads, counters: rendering(1 + ((clock.time - 1_000_000) / 1000) * framesPerSecond) };
  };
  const look = await followRender({ read, earlier, maxSecondsBetweenUpdates, clock });
  return { look, reads, clock };
}

const lookBefore = (frames: number, framesPerSecond: number, secondsUntilNextLook = 10): EarlierLook => ({
  pace: { phase: 'rendering', frames, at: 1_000_000 - secondsUntilNextLook * 1000, framesPerSecond },
  secondsUntilNextLook,
});

describe('following a render', () => {
  test('sees a short render to its end in one look', async () => {
    const { look, clock } = await follow(500);
    expect(look).toMatchObject({ secondsUntilNextLook: 0, pace: { phase: 'finished' } });
    expect(clock.slept).toBeLessThan(3_000);
  });

  test('leaves a long render alone as soon as its speed is known', async () => {
    const { look, clock } = await follow(2);
    expect(look).toMatchObject({ secondsUntilNextLook: 29, pace: { framesPerSecond: expect.closeTo(2, 0) } });
    expect(clock.slept).toBeLessThan(7_000);
  });

  test('looks once while the finish is far', async () => {
    const { look, reads } = await follow(0, lookBefore(-99, 10));
    expect(reads).toBe(1);
    expect(look.secondsUntilNextLook).toBe(29);
  });

  test('stays when a speed seen before puts the finish within the stay', async () => {
    const { look } = await follow(100, { ...lookBefore(0, 100, 1), secondsUntilNextLook: 1 });
    expect(look.pace.phase).toBe('finished');
  });

  test('waits as long as the setting allows, and not longer than is sure', async () => {
    const settings = [2, 30, 120, 900];
    const waits = await Promise.all(
      settings.map(async (max) => (await follow(2, undefined, max)).look.secondsUntilNextLook),
    );
    expect(waits).toEqual([0, 29, 119, expect.any(Number)]);
    // 1,000 frames at 2 a second take 500 s.
    expect(waits[3]).toBeGreaterThan(200);
    expect(waits[3]).toBeLessThan(400);
  });

  test.each([
    ['stands still', 0],
    ['goes back', -1],
    ['goes too slowly', 0.1],
    ['goes too fast', 50],
  ])('ends in time when the clock %s', async (_what, pace) => {
    const { clock, reads } = await follow(0, undefined, 30, new TestClock(pace));
    expect(clock.slept).toBeLessThanOrEqual(30_000);
    expect(reads).toBeLessThan(50);
  });

  test('forgets a look that is long past, as after a redrive', async () => {
    const old = lookBefore(-9_000, 0.001);
    const { look } = await follow(200, { ...old, pace: { ...old.pace, at: 0 } });
    expect(look.pace.phase).toBe('finished');
  });

  test('passes on what the read throws', async () => {
    const read = () => Promise.reject(new Error('RenderFailed'));
    const looking = followRender({
      read,
      earlier: undefined,
      maxSecondsBetweenUpdates: 30,
      clock: new TestClock(),
    });
    await expect(looking).rejects.toThrow('RenderFailed');
  });

  test('keeps its bounds whatever the progress, the look before and the clock are', async () => {
    const random = seededRandom(5);
    const pick = <Value>(...values: Value[]) => values[Math.floor(random() * values.length)] as Value;
    for (let run = 0; run < 2_000; run += 1) {
      const clock = new TestClock(pick(1, 1, 1, 0, 3, -1));
      const max = pick(2, 5, 30, 120, 900);
      const waited = Math.floor(random() * max);
      const phase = pick<RenderPhase>('starting', 'rendering', 'encoding', 'combining', 'delivering');
      const at = clock.time + pick(-1, 1, -1_000, 0) * waited * 1000;
      const framesPerSecond = pick(null, 0, 1e-9, 20 * random(), 1e9);
      const earlier = {
        pace: { phase, frames: 1_000 * random(), at, framesPerSecond },
        secondsUntilNextLook: waited,
      };
      const any = () => Math.floor(1_000 * random() * pick(0, 1, 1.1));
      const read = async () => ({
        progress: null,
        counters: {
          done: random() < 0.02,
          framesTotal: pick(null, 1, 500, 1_000),
          framesRendered: any(),
          framesEncoded: any(),
          combinedFrames: any(),
        },
      });
      const look = await followRender({
        read,
        earlier: pick(undefined, earlier),
        maxSecondsBetweenUpdates: max,
        clock,
      });
      expect(Number.isInteger(look.secondsUntilNextLook)).toBe(true);
      expect(look.secondsUntilNextLook).toBeGreaterThanOrEqual(0);
      expect(look.secondsUntilNextLook).toBeLessThan(max);
      expect(clock.slept).toBeLessThanOrEqual(Math.min(max, LONGEST_STAY_IN_SECONDS) * 1000);
    }
  });
});
