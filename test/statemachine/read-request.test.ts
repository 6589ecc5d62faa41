import { readRequest } from '../../statemachine/read-request.ts';

const request = { render: { composition: 'Invoice' } };
const event = { id: 'event-id', 'detail-type': 'Render Requested', detail: request };
const message = (body: unknown) => [{ id: 'message-id', 'detail-type': 'Render Requested', detail: body }];
const notification = (Message: string) => ({
  Type: 'Notification',
  MessageId: 'notification-id',
  TopicArn: 'arn:aws:sns:us-east-1:123456789012:orders',
  Message,
});

describe('a request is read out of', () => {
  test.each([
    ['a bare request', request, 'execution-name'],
    ['an event', event, 'event-id'],
    ['an event without an id', { ...event, id: undefined }, 'execution-name'],
    ["a queue's message", message(request), 'message-id'],
    ["a queue's message with a whole event, by whose id a repeated one is known", message(event), 'event-id'],
    [
      "a queue's message that came through SNS",
      message(notification(JSON.stringify(request))),
      'notification-id',
    ],
    ['an event that came through SNS and a queue', message(notification(JSON.stringify(event))), 'event-id'],
    [
      'the input that another state machine gives its own id to',
      { ...request, AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: 'arn:aws:states:::execution:Parent:1' },
      'execution-name',
    ],
  ])('%s', (_what, input, jobId) => {
    expect(readRequest(input, 'execution-name')).toEqual({ request, jobId });
  });

  test('an envelope, with the jobId of the request before all ids', () => {
    const named = { ...request, jobId: 'mine' };
    const input = message(notification(JSON.stringify({ ...event, detail: named })));
    expect(readRequest(input, 'execution-name')).toEqual({ request: named, jobId: 'mine' });
  });
});

describe('what is no request stays as it came, for the error to tell', () => {
  test.each([
    ['a list of one request', [request], [request], 'execution-name'],
    ['an empty list', [], [], 'execution-name'],
    ['text', 'render it', 'render it', 'execution-name'],
    ['null', null, null, 'execution-name'],
    ["a message's text", message('no'), 'no', 'message-id'],
    ["a message's list", message([1, 2]), [1, 2], 'message-id'],
    ["a message's null", message(null), null, 'message-id'],
    ['a notification of text', message(notification('render it')), 'render it', 'notification-id'],
    [
      'a request with a field named detail',
      { detail: { jobId: 1 } },
      { detail: { jobId: 1 } },
      'execution-name',
    ],
  ])('%s', (_what, input, given, jobId) => {
    expect(readRequest(input, 'execution-name')).toEqual({ request: given, jobId });
  });
});

describe('null counts as not set', () => {
  test('in the request, its render and its destination', () => {
    const input = {
      jobId: null,
      render: { composition: 'Invoice', codec: 'h264', inputProps: null, crf: null },
      destination: { bucket: null, key: null, tags: { team: 'sales', nobody: null } },
      maxCostInUsd: null,
    };
    expect(readRequest(input, 'execution-name')).toEqual({
      request: {
        render: { composition: 'Invoice', codec: 'h264' },
        destination: { tags: { team: 'sales' } },
      },
      jobId: 'execution-name',
    });
  });

  test('but not inside props and options, where it means what Remotion says', () => {
    const render = {
      inputProps: { a: null },
      frameRange: [0, null],
      webhook: { url: 'https://x', secret: null },
    };
    expect(readRequest({ render }, 'execution-name').request).toEqual({ render });
  });
});

describe('the execution names the job, whatever letters Step Functions takes in a name', () => {
  test.each([
    ['nightly-2026-11-25', 'nightly-2026-11-25'],
    ['Rechnung für März', expect.stringMatching(/^Rechnung-f-r-M-rz-[0-9a-f]{12}$/)],
    ['-leading', expect.stringMatching(/^leading-[0-9a-f]{12}$/)],
    ['請求書', expect.stringMatching(/^job-[0-9a-f]{12}$/)],
    ['é'.repeat(80), expect.stringMatching(/^job-[0-9a-f]{12}$/)],
  ])('%s', (name, jobId) => {
    expect(readRequest(request, name).jobId).toEqual(jobId);
  });

  test('and names that differ in such letters alone name two jobs', () => {
    expect(readRequest(request, 'März').jobId).not.toBe(readRequest(request, 'Mürz').jobId);
  });
});
