import {
  type FrameCounters,
  paceOf,
  phaseOf,
  secondsLeftOf,
  surelyLeft,
} from '../../../functions/get-render-progress/estimate-finish.ts';
import type { RenderPace } from '../../../statemachine/contract.ts';

const counters = (changes: Partial<FrameCounters> = {}): FrameCounters => ({
  done: false,
  framesTotal: 1_000,
  framesRendered: 500,
  framesEncoded: 0,
  combinedFrames: 0,
  ...changes,
});
const earlier = (changes: Partial<RenderPace> = {}): RenderPace => ({
  phase: 'rendering',
  frames: 300,
  at: 0,
  framesPerSecond: null,
  ...changes,
});

describe('the phase of a render', () => {
  test.each([
    ['starting', 'before the composition is read', { framesTotal: null, framesRendered: 0 }],
    ['starting', 'before its first frame', { framesRendered: 0 }],
    ['rendering', 'while frames are missing', { framesEncoded: 400 }],
    ['encoding', 'when all frames are rendered', { framesRendered: 1_000, framesEncoded: 10 }],
    ['combining', 'when all frames are encoded', { framesRendered: 1_000, framesEncoded: 1_000 }],
    [
      'delivering',
      'when all frames are combined',
      { framesRendered: 1_000, framesEncoded: 1_000, combinedFrames: 1_000 },
    ],
    ['finished', 'when Remotion says so', { done: true }],
  ])('is %s %s', (phase, _when, changes) => {
    expect(phaseOf(counters(changes)).phase).toBe(phase);
  });
});

describe('the speed of a render', () => {
  test('is that between two looks', () => {
    expect(paceOf(counters(), earlier(), 10_000).framesPerSecond).toBe(20);
  });

  test('is not known from one look, or from less than five seconds, or before anything moves', () => {
    expect(paceOf(counters(), undefined, 10_000).framesPerSecond).toBeNull();
    expect(paceOf(counters(), earlier(), 4_900).framesPerSecond).toBeNull();
    expect(paceOf(counters(), earlier({ frames: 500 }), 60_000).framesPerSecond).toBeNull();
  });

  test('of a phase tells nothing of the next one', () => {
    const encoding = counters({ framesRendered: 1_000, framesEncoded: 10 });
    expect(paceOf(encoding, earlier({ framesPerSecond: 20 }), 10_000).framesPerSecond).toBeNull();
  });

  test('stays as it was when a chunk that is tried again takes its frames back', () => {
    const since = earlier({ frames: 600, framesPerSecond: 20 });
    expect(paceOf(counters(), since, 10_000).framesPerSecond).toBe(20);
  });

  test('is hardly changed by a short standstill and forgotten in a long one', () => {
    const since = earlier({ frames: 500, framesPerSecond: 20 });
    expect(paceOf(counters(), since, 5_000).framesPerSecond).toBeGreaterThan(15);
    expect(paceOf(counters(), since, 60_000).framesPerSecond).toBeLessThan(2);
  });

  test('is not multiplied by a clock that goes back', () => {
    const since = earlier({ at: 1_000_000 });
    expect(paceOf(counters(), since, 0, 10_000).framesPerSecond).toBe(20);
  });
});

describe('the time that is left', () => {
  const pace = earlier({ frames: 500, framesPerSecond: 10 });

  test('is what the frames that are left take at that speed', () => {
    expect(secondsLeftOf(pace, 1_000)).toBe(50);
    expect(secondsLeftOf({ ...pace, phase: 'finished' }, 1_000)).toBe(0);
  });

  test('is not known without a speed or a total', () => {
    expect(secondsLeftOf({ ...pace, framesPerSecond: null }, 1_000)).toBeNull();
    expect(secondsLeftOf(pace, null)).toBeNull();
  });

  test('is counted on by two thirds at the beginning and more near the end, never all of it', () => {
    const share = (frames: number) => {
      const at = earlier({ frames, framesPerSecond: 10 });
      return surelyLeft(1_000, at, at) / ((1_000 - frames) / 10);
    };
    expect(share(0)).toBeCloseTo(0.65);
    expect(share(999)).toBeCloseTo(0.85);
  });

  test('is counted on at the faster of the last two speeds, for what slowed it down can be over', () => {
    expect(surelyLeft(1_000, pace, earlier({ framesPerSecond: 50 }))).toBeLessThan(10);
  });

  test('is not counted on when nothing is known', () => {
    expect(surelyLeft(1_000, earlier(), earlier())).toBe(0);
    expect(surelyLeft(null, pace, pace)).toBe(0);
  });
});
