import type { Execution } from '../../../local/stepfunctions/execution.ts';
import { executionStatusChange } from '../../../local/stepfunctions/status-change.ts';

const change = (inputText: string, keyArn?: string) =>
  executionStatusChange({
    inputText,
    outputText: undefined,
    machine: { arn: 'arn:aws:states:us-east-1:123456789012:stateMachine:M', keyArn },
    error: 'RenderFailed',
    cause: 'Why',
  } as unknown as Execution);

test('an input is measured as it stands in the event, escaped', () => {
  const quotes = JSON.stringify('"'.repeat(62 * 1024));
  expect(change(quotes).inputDetails.included).toBe(false);
  expect(change(JSON.stringify('a'.repeat(240 * 1024))).inputDetails.included).toBe(true);
});

test('with a key of a customer neither input nor error nor cause is told', () => {
  expect(change('{}', 'arn:aws:kms:us-east-1:123456789012:key/k')).toMatchObject({
    input: null,
    error: null,
    cause: null,
  });
  expect(change('{}')).toMatchObject({ input: '{}', error: 'RenderFailed', cause: 'Why' });
});
