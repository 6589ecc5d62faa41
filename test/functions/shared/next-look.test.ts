import { secondsUntilNextLook } from '../../../functions/shared/next-look.ts';

describe('the time until the next look', () => {
  test('is a quarter of what seems to be left of the render', () => {
    expect(secondsUntilNextLook({ overallProgress: 0.5, elapsedInMs: 40_000 })).toBe(10);
  });

  test('never keeps a watcher waiting for more than 15 seconds', () => {
    expect(secondsUntilNextLook({ overallProgress: 0.01, elapsedInMs: 600_000 })).toBe(15);
    expect(secondsUntilNextLook({ overallProgress: 0, elapsedInMs: 600_000 })).toBe(15);
  });

  test.each([
    ['near the finish', 0.99, 10_000],
    ['at the beginning', 0, 0],
    ['with a clock that is behind', 0.5, -5_000],
    ['when all is rendered', 1, 60_000],
  ])('is one second %s', (_when, overallProgress, elapsedInMs) => {
    expect(secondsUntilNextLook({ overallProgress, elapsedInMs })).toBe(1);
  });
});
