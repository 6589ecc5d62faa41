import { compileEventPattern } from '../../../local/eventbridge/event-pattern.ts';

const event = {
  source: 'shop',
  'detail-type': 'Render Requested',
  resources: ['arn:a', 'arn:b'],
  detail: {
    jobId: 'order-4711',
    status: 'ABORTED',
    priority: 5,
    urgent: true,
    note: null,
    items: [{ sku: 'x' }, { sku: 'y' }],
    file: 'C*\\video.mp4',
  },
};

test.each([
  ['one of several values', { source: ['other', 'shop'] }, true],
  ['no value', { source: ['other'] }, false],
  ['all fields', { source: ['shop'], 'detail-type': ['Render Requested'] }, true],
  ['all but one field', { source: ['shop'], 'detail-type': ['Other'] }, false],
  ['a nested field', { detail: { status: ['ABORTED', 'TIMED_OUT'] } }, true],
  ['a field that the event lacks', { detail: { missing: ['x'] } }, false],
  ['an item of a list', { resources: ['arn:b'] }, true],
  ['no item of a list', { resources: ['arn:c'] }, false],
  ['a field of an item of a list', { detail: { items: { sku: ['y'] } } }, true],
  ['a number', { detail: { priority: [5] } }, true],
  ['a number that is text in the pattern', { detail: { priority: ['5'] } }, false],
  ['a truth value', { detail: { urgent: [true] } }, true],
  ['null', { detail: { note: [null] } }, true],
  ['null for a field that the event lacks', { detail: { missing: [null] } }, false],
  ['prefix', { detail: { jobId: [{ prefix: 'order-' }] } }, true],
  ['another prefix', { detail: { jobId: [{ prefix: 'rder-' }] } }, false],
  ['suffix', { detail: { jobId: [{ suffix: '4711' }] } }, true],
  ['equals-ignore-case', { detail: { status: [{ 'equals-ignore-case': 'aborted' }] } }, true],
  ['wildcard', { detail: { jobId: [{ wildcard: 'o*-4*1' }] } }, true],
  ['another wildcard', { detail: { jobId: [{ wildcard: 'o*-5*' }] } }, false],
  ['a wildcard with an escaped star', { detail: { file: [{ wildcard: 'C\\*\\\\*.mp4' }] } }, true],
  ['a dot in a wildcard', { detail: { file: [{ wildcard: '*videoXmp4' }] } }, false],
  ['anything-but', { source: [{ 'anything-but': ['other'] }] }, true],
  ['anything-but itself', { source: [{ 'anything-but': 'shop' }] }, false],
  ['anything-but a prefix', { source: [{ 'anything-but': { prefix: 'sh' } }] }, false],
  [
    'anything-but for a field that the event lacks',
    { detail: { missing: [{ 'anything-but': 'x' }] } },
    false,
  ],
  ['exists', { detail: { jobId: [{ exists: true }] } }, true],
  ['exists for a field that the event lacks', { detail: { missing: [{ exists: true }] } }, false],
  ['exists: false for a field that the event lacks', { detail: { missing: [{ exists: false }] } }, true],
  ['exists: false', { detail: { jobId: [{ exists: false }] } }, false],
  ['numeric', { detail: { priority: [{ numeric: ['>', 0, '<=', 5] }] } }, true],
  ['numeric out of range', { detail: { priority: [{ numeric: ['<', 5] }] } }, false],
  ['numeric for a text', { detail: { jobId: [{ numeric: ['>', 0] }] } }, false],
])('a pattern with %s', (_, pattern, matches) => {
  expect(compileEventPattern(pattern)(event)).toBe(matches);
});

test.each([
  [
    'an unknown matcher',
    { detail: { ip: [{ cidr: '10.0.0.0/8' }] } },
    'EventPattern/detail/ip/0: the matcher cidr is not supported',
  ],
  ['$or', { $or: [{ source: ['a'] }] }, 'EventPattern/$or: $or is not supported'],
  ['a bare value', { source: 'shop' }, 'EventPattern/source: an object with at least one field is needed'],
  ['an empty list', { source: [] }, 'EventPattern/source: a list with at least one value is needed'],
  [
    'an unknown comparison',
    { n: [{ numeric: ['!=', 1] }] },
    'EventPattern/n/0: numeric != 1 is not supported',
  ],
  ['nothing at all', {}, 'EventPattern: an object with at least one field is needed'],
])('a pattern with %s is refused by name and place', (_, pattern, message) => {
  expect(() => compileEventPattern(pattern)).toThrow(
    expect.objectContaining({ name: 'UnsupportedEventPattern', message }),
  );
});
