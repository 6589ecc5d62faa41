import { createHash } from 'node:crypto';
import { JOB_ID } from './job-id.ts';

/** What a state machine adds to the input of executions that it starts. */
export const STARTED_BY = 'AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID';

/** Envelopes within envelopes: an event that SNS sends to the queue comes in three. */
const MOST_ENVELOPES = 5;

/** A request as it was meant, and the job that it is for; neither has been checked. */
export interface ReadRequest {
  readonly request: unknown;
  readonly jobId: unknown;
}

/**
 * Takes the request out of an execution's input: the one place that does, for the steps of the execution and for
 * those who see it from outside. The input is the request itself, a whole EventBridge event, or the list of one
 * event that a pipe makes of a queue's message, whose body may again be an event or a notification of SNS. A field
 * that is null counts as not set. The job is named by the request, else by the innermost envelope with an id (so
 * that what is delivered twice is rendered once), else by the execution.
 *
 * Sources: https://docs.aws.amazon.com/sns/latest/dg/sns-sqs-as-subscriber.html (the notification),
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-nested-workflows.html (the parent's id).
 */
export function readRequest(input: unknown, executionName: string): ReadRequest {
  let content: unknown = Array.isArray(input) && input.length === 1 && isEvent(input[0]) ? input[0] : input;
  let id: unknown;
  for (let opened = 0; opened < MOST_ENVELOPES; opened += 1) {
    const envelope = openEnvelope(content);
    if (!envelope) break;
    content = envelope.content;
    id = envelope.id ?? id;
  }
  const request = asMeant(content);
  const own = isObject(request) ? request.jobId : undefined;
  return { request, jobId: own ?? id ?? jobIdOfName(executionName) };
}

/**
 * The job of an execution that nothing else names. Names may have letters that a jobId, as a part of object keys,
 * may not: they become `-`, and a hash keeps such names apart.
 */
export function jobIdOfName(executionName: string): string {
  return JOB_ID.test(executionName) ? executionName : idOfName(executionName);
}

/** Letters, digits, `_` and `-` that no other name has. */
export function idOfName(name: string): string {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 12);
  const readable = name.replaceAll(/[^A-Za-z0-9_-]+/g, '-').replace(/^[-_]+/, '');
  return `${readable || 'job'}-${hash}`;
}

type Fields = Readonly<Record<string, unknown>>;

function openEnvelope(value: unknown): { content: unknown; id: unknown } | undefined {
  if (isEvent(value)) return { content: value.detail, id: value.id };
  if (!isObject(value) || value.Type !== 'Notification' || typeof value.Message !== 'string')
    return undefined;
  return { content: parsed(value.Message), id: value.MessageId };
}

function isEvent(value: unknown): value is Fields {
  return isObject(value) && value['detail-type'] !== undefined && value.detail !== undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Without what is null, but for what is null inside options of Remotion, where it has a meaning of its own. */
function asMeant(value: unknown): unknown {
  if (!isObject(value)) return value;
  const { [STARTED_BY]: _, ...request } = value;
  const fields = set(request);
  const { render, destination, context } = fields;
  return {
    ...fields,
    ...(isObject(render) && { render: set(render) }),
    ...(isObject(destination) && { destination: destinationAsMeant(destination) }),
    ...(isObject(context) && { context: set(context) }),
  };
}

function destinationAsMeant(destination: Fields): Fields {
  const fields = set(destination);
  return { ...fields, ...(isObject(fields.tags) && { tags: set(fields.tags) }) };
}

function set(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
