import { describeSecondsLeft, secondsLeft } from '../../cli/time-left.ts';

test('the time left is what is missing at the pace between two looks', () => {
  expect(secondsLeft({ at: 0, percent: 20 }, { at: 10_000, percent: 40 })).toBe(30);
});

test.each([
  ['one look', { at: 0, percent: 20 }, { at: 0, percent: 20 }],
  ['no progress', { at: 0, percent: 20 }, { at: 1000, percent: 20 }],
  ['a step back', { at: 0, percent: 20 }, { at: 1000, percent: 19 }],
  ['a finished render', { at: 0, percent: 20 }, { at: 1000, percent: 100 }],
])('%s tells nothing about the time left', (_what, first, last) => {
  expect(secondsLeft(first, last)).toBeUndefined();
});

test.each([
  [0.4, 'nearly done'],
  [40, 'about 40 s left'],
  [170, 'about 3 min left'],
])('%d seconds read as %s', (seconds, text) => {
  expect(describeSecondsLeft(seconds)).toBe(text);
});
