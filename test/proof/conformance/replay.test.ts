import { readdirSync, readFileSync } from 'node:fs';
import { asRecordedCase, type RecordedCase } from '../../../proof/conformance/recorded-case.ts';
import { replay } from '../../../proof/conformance/replay.ts';

const folder = new URL('cases/', import.meta.url);
const cases = readdirSync(folder).map((file) => readCase(file));

function readCase(file: string): RecordedCase {
  return asRecordedCase(JSON.parse(readFileSync(new URL(file, folder), 'utf8')));
}

/** The case, with a change in its JSON. */
function changed(file: string, from: string, to: string): RecordedCase {
  const text = JSON.stringify(readCase(file));
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
  return JSON.parse(text.replaceAll(from, to)) as RecordedCase;
}

describe('a replay of an execution', () => {
  it.each(cases.map((recorded) => [recorded.name, recorded] as const))(
    'agrees: %s',
    async (_name, recorded) => {
      expect(await replay(recorded)).toEqual({ outcome: 'passed' });
    },
  );

  it('names the first value that differs', async () => {
    const recorded = changed('wait-seconds-from-the-state-before.json', '"waited":7', '"waited":8');
    expect(await replay(recorded)).toEqual({
      outcome: 'failed',
      difference: { path: 'events/5/stateExitedEventDetails/output/waited', expected: 8, actual: 7 },
    });
  });

  it('sees an event too many, a wrong predecessor and a wrong time', async () => {
    const recorded = readCase('wait-seconds-from-the-state-before.json');
    const { events = [] } = recorded.expected;
    const outcomes = await Promise.all([
      replay({ ...recorded, expected: { ...recorded.expected, events: events.slice(0, -1) } }),
      replay(
        changed('wait-seconds-from-the-state-before.json', '"previousEventId":4', '"previousEventId":3'),
      ),
      replay({ ...recorded, elapsedSeconds: 8 }),
    ]);
    expect(outcomes.map((result) => result.outcome === 'failed' && result.difference.path)).toEqual([
      'events/length',
      'events/5/previousEventId',
      '/elapsedSeconds',
    ]);
  });

  it('takes any value for a placeholder that the notes list, also within a text', async () => {
    const file = 'choice-by-event-or-request.json';
    const recorded = changed(file, '"jobId":"replay"', '"jobId":"re<uuid:1>"');
    expect(await replay(recorded)).toMatchObject({ outcome: 'failed' });
    const notes = 'placeholders: <uuid:1>, state_machine_role; more';
    expect(await replay({ ...recorded, notes })).toEqual({ outcome: 'passed' });
  });

  it('compares the events inside a Parallel as a set where their order was lost', async () => {
    const recorded = readCase('parallel-branches-keep-their-order.json');
    const { events = [] } = recorded.expected;
    const lost = events.map((event, index) =>
      index >= 3 && index <= 6 ? { ...event, id: null, previousEventId: null } : event,
    );
    const shuffled = [...lost.slice(0, 3), ...lost.slice(3, 7).reverse(), ...lost.slice(7)];
    const withEvents = (of: typeof events, missingEvents?: number): RecordedCase => ({
      ...recorded,
      expected: { ...recorded.expected, events: of, missingEvents },
    });
    expect(await replay(withEvents(shuffled))).toEqual({ outcome: 'passed' });
    const oneMissing = shuffled.toSpliced(4, 1);
    expect(await replay(withEvents(oneMissing, 1))).toEqual({ outcome: 'passed' });
    expect(await replay(withEvents(oneMissing))).toMatchObject({ outcome: 'failed' });
    const twice = shuffled.with(4, shuffled[3] as (typeof events)[number]);
    expect(await replay(withEvents(twice))).toMatchObject({ outcome: 'failed' });
  });

  it('does not compare the HTTP envelope of an answer, but wants it to be there', async () => {
    const other = changed('poll-until-done.json', '"RequestId":"scripted"', '"RequestId":"other"');
    expect(await replay(other)).toEqual({ outcome: 'passed' });
    const without = changed('poll-until-done.json', '"SdkHttpMetadata"', '"Metadata"');
    expect(await replay(without)).toMatchObject({ outcome: 'failed' });
  });

  it.each([
    [
      'the input of a child',
      '"index":0,"row":{"name":"one, two"}},"output"',
      '"index":9,"row":{"name":"one, two"}},"output"',
      'children/0/input/index',
    ],
    [
      'an event of a child',
      '"name":"HasName","output":{"index":0',
      '"name":"HasNone","output":{"index":0',
      'children/0/events/3/stateExitedEventDetails/name',
    ],
    ['how a child ended', '"status":"FAILED","input"', '"status":"ABORTED","input"', 'children/1/status'],
    [
      'the text of an object',
      '"text":"\\"one, two\\"\\n"',
      '"text":"one, two"',
      's3/results/out/<map-run>/SUCCEEDED_0.jsonl',
    ],
    [
      'a line of an object',
      '"Error":"NoName","RedriveStatus"',
      '"Error":"Other","RedriveStatus"',
      's3/results/out/<map-run>/FAILED_0.jsonl/0/Error',
    ],
    [
      'what is in an object',
      '"Size":11',
      '"Size":12',
      's3/results/out/<map-run>/manifest.json/ResultFiles/SUCCEEDED/0/Size',
    ],
    [
      'an object that was not written',
      'FAILED_0.jsonl","jsonl"',
      'FAILED_1.jsonl","jsonl"',
      's3/results/out/<map-run>/FAILED_1.jsonl',
    ],
    [
      'an answer of the API',
      '"toleratedFailurePercentage":50,"toleratedFailureCount"',
      '"toleratedFailurePercentage":51,"toleratedFailureCount"',
      'api/DescribeMapRun/toleratedFailurePercentage',
    ],
    [
      'a key that an answer lacks',
      '"redriveCount":0}},{"action":"ListExecutions"',
      '"redriveCount":0,"other":1}},{"action":"ListExecutions"',
      'api/DescribeMapRun/other',
    ],
    ['what was superseded', '"nowSeen":4', '"nowSeen":3', 'events/7/previousEventId'],
  ])('sees a difference in %s', async (_what, from, to, path) => {
    const result = await replay(changed('distributed-map-of-a-table.json', from, to));
    expect(result).toMatchObject({ outcome: 'failed', difference: { path } });
  });

  it('compares a cause that is JSON without the keys that do not count, and every other word for word', async () => {
    const file = 'start-execution-child-fails.json';
    const { expected, ...rest } = readCase(file);
    const counting = { ...rest, expected: { ...expected, ignoreInCause: ['RedriveCount'] } };
    expect(await replay(counting)).toMatchObject({
      outcome: 'failed',
      difference: { path: 'events/6/taskFailedEventDetails/cause/RedriveStatus' },
    });
    const verbatim = { ...rest, expected: { ...expected, ignoreInCause: undefined } };
    expect(await replay(verbatim)).toMatchObject({ outcome: 'failed' });
  });

  it('refuses JSONPath by name', async () => {
    const recorded = readCase('wait-seconds-from-the-state-before.json');
    const States = { Pass: { Type: 'Pass', InputPath: '$.x', End: true } };
    const result = await replay({ ...recorded, definition: { StartAt: 'Pass', States } });
    expect(result).toMatchObject({ outcome: 'refused', reason: expect.stringContaining('InputPath') });
  });
});
