import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import jsonata from 'jsonata';
import { readRequest } from '../../statemachine/read-request.ts';

const { Assign } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../statemachine/render-workflow.asl.json'), 'utf8'),
).States.ReadRequest as { Assign: Record<'request' | 'jobId', string> };

const evaluate = (expression: string, input: unknown) =>
  jsonata(expression.slice(2, -2)).evaluate(null, {
    states: { input, context: { Execution: { Name: 'execution-name' } } },
  });

describe('what reads a request from outside agrees with the state ReadRequest on', () => {
  test.each([
    ['a bare request', { render: {} }],
    ['a bare request with a jobId', { jobId: 'mine', render: {} }],
    ['an event', { id: 'event-id', 'detail-type': 'Render Requested', detail: { render: {} } }],
    ['an event with a jobId', { id: 'event-id', 'detail-type': 'x', detail: { jobId: 'mine' } }],
    ['an event without an id', { 'detail-type': 'x', detail: {} }],
    ['a request with a field named detail', { detail: { jobId: 'not mine' }, render: {} }],
    ['a list of one event', [{ id: 'message-id', 'detail-type': 'x', detail: { render: {} } }]],
    [
      'a list of one event with a jobId',
      [{ id: 'message-id', 'detail-type': 'x', detail: { jobId: 'mine' } }],
    ],
    ['a list of one event whose detail is text', [{ id: 'message-id', 'detail-type': 'x', detail: 'no' }]],
    [
      'a list of one event whose detail is a list',
      [{ id: 'message-id', 'detail-type': 'x', detail: [1, 2] }],
    ],
    ['a list of one event whose detail is null', [{ id: 'message-id', 'detail-type': 'x', detail: null }]],
    ['a list of one request', [{ render: {} }]],
    ['an empty list', []],
    ['text', 'render it'],
    ['null', null],
    ['an event whose detail is text', { id: 'event-id', 'detail-type': 'x', detail: 'render it' }],
  ])('%s', async (_what, input) => {
    const { request, jobId } = readRequest(input, 'execution-name');
    expect(await evaluate(Assign.request, input)).toEqual(request);
    expect(await evaluate(Assign.jobId, input)).toEqual(jobId);
  });
});
