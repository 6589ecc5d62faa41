import type { AwsRequest, LocalService } from '../../local/aws.ts';
import type { Execution } from '../../local/stepfunctions/execution.ts';
import { isJsonObject, type Json, type JsonObject } from '../../local/stepfunctions/json.ts';
import type { StepFunctions } from '../../local/stepfunctions/step-functions.ts';
import { compare, type Difference, type Placeholders, patternOf } from './compare.ts';
import { compareEvents } from './compare-events.ts';
import type { RecordedCall, RecordedChild, RecordedObject } from './recorded-case.ts';

/** The first difference between recorded executions of a Map Run and those of a replay. */
export function compareChildren(
  expected: readonly RecordedChild[],
  stepFunctions: StepFunctions,
  parent: Execution,
  placeholders: Placeholders,
): Difference | undefined {
  const runs = stepFunctions.mapRuns.of(parent.arn);
  const arns = runs.flatMap(({ children }) => children.flatMap(({ execution }) => execution?.arn ?? []));
  const actual = arns.map((arn) => stepFunctions.execution(arn));
  if (actual.length !== expected.length) {
    return { path: 'children/length', expected: expected.length, actual: actual.length };
  }
  for (const [index, { events, ...end }] of expected.entries()) {
    const execution = actual[index] as Execution;
    const path = `children/${index}`;
    const difference =
      compare(end, onlyKeysOf(end, endOf(execution)), placeholders, path) ??
      (events && compareEvents(events, execution.events, 0, placeholders));
    if (difference) return { ...difference, path: difference.path.replace(/^events/, `${path}/events`) };
  }
  return undefined;
}

/** The first recorded object that was not written, or that has something else in it. */
export function compareObjects(
  expected: readonly RecordedObject[],
  texts: ReadonlyMap<string, string>,
  placeholders: Placeholders,
): Difference | undefined {
  for (const { bucket, key, text, json, jsonl } of expected) {
    const path = `s3/${bucket}/${key}`;
    const pattern = patternOf(`${bucket}/${key}`, placeholders);
    const [found] = [...texts].filter(([name]) => pattern.test(name));
    if (!found) return { path, expected: 'an object', actual: [...texts.keys()] };
    const actual = found[1];
    const difference =
      (text === undefined ? undefined : compare(text, actual, placeholders, path)) ??
      (json === undefined ? undefined : compare(json, parsed(JSON.parse(actual)), placeholders, path)) ??
      (jsonl === undefined ? undefined : compare(jsonl, linesOf(actual), placeholders, path));
    if (difference) return difference;
  }
  return undefined;
}

/** Asks the API what was asked on AWS, and gives the first difference. */
export async function compareCalls(
  expected: readonly RecordedCall[],
  service: LocalService,
  arns: { readonly execution: string; readonly mapRun: string | undefined },
  placeholders: Placeholders,
): Promise<Difference | undefined> {
  for (const { action, request, answer } of expected) {
    const asked = JSON.stringify(request)
      .replaceAll('"<execution>"', JSON.stringify(arns.execution))
      .replaceAll('"<map-run>"', JSON.stringify(arns.mapRun ?? null));
    const actual = await call(service, action, asked);
    const difference = compare(answer, onlyKeysOf(answer, actual), placeholders, `api/${action}`);
    if (difference) return difference;
  }
  return undefined;
}

async function call(service: LocalService, action: string, body: string): Promise<Json> {
  const request: AwsRequest = {
    method: 'POST',
    path: '/',
    query: new URLSearchParams(),
    headers: { 'x-amz-target': `AWSStepFunctions.${action}` },
    body: Buffer.from(body),
    principal: { kind: 'administrator' },
  };
  const answer = await service.handle(request);
  return JSON.parse(String(answer.body)) as Json;
}

function endOf({ status, inputText, outputText, error, cause }: Execution): JsonObject {
  return {
    status,
    input: JSON.parse(inputText),
    ...(outputText !== undefined && { output: JSON.parse(outputText) }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
  };
}

/** Without the keys that the expected value does not have: AWS has added some since. */
function onlyKeysOf(expected: unknown, actual: unknown): unknown {
  if (Array.isArray(expected) && Array.isArray(actual)) {
    return actual.map((item, index) => (index in expected ? onlyKeysOf(expected[index], item) : item));
  }
  if (!isJsonObject(expected) || !isJsonObject(actual)) return actual;
  const kept = Object.entries(actual).filter(([key]) => key in expected);
  return Object.fromEntries(kept.map(([key, value]) => [key, onlyKeysOf(expected[key], value)]));
}

function linesOf(text: string): Json[] | string {
  if (text !== '' && !text.endsWith('\n')) return text;
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => parsed(JSON.parse(line)));
}

/** With the texts in records parsed. */
function parsed(value: Json): Json {
  if (Array.isArray(value)) return value.map(parsed);
  if (!isJsonObject(value) || !('InputDetails' in value)) return value;
  const { Input, Output } = value;
  return {
    ...value,
    ...(typeof Input === 'string' && { Input: JSON.parse(Input) }),
    ...(typeof Output === 'string' && { Output: JSON.parse(Output) }),
  };
}
