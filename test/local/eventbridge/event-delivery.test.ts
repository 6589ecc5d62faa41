import { AwsError } from '../../../local/aws.ts';
import { deliver, MACHINE, onLost, ruleArn, testEventBridge } from './test-event-bridge.ts';

const { putEvent, receive, receiveAll } = testEventBridge();

describe('a delivery that fails', () => {
  test('is tried again, and done when it succeeds', async () => {
    deliver.mockRejectedValueOnce(new AwsError('ThrottlingException', 'Rate exceeded', 429));
    await putEvent('shop');
    expect(deliver).toHaveBeenCalledTimes(2);
    expect(await receiveAll()).toEqual([]);
  });

  test('goes to the dead-letter queue after the last attempt, and says why', async () => {
    deliver.mockRejectedValue(new AwsError('ServiceUnavailable', 'Try later', 503));
    const entry = await putEvent('shop', { jobId: 'lost' });
    expect(deliver).toHaveBeenCalledTimes(3);
    const { body, attributes } = await receive();
    expect(body).toMatchObject({ id: entry?.EventId, detail: { jobId: 'lost' } });
    expect(attributes).toEqual({
      RULE_ARN: ruleArn('requested'),
      TARGET_ARN: MACHINE,
      ERROR_CODE: 'INTERNAL_ERROR',
      ERROR_MESSAGE: 'Try later',
      EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
      RETRY_ATTEMPTS: '2',
    });
  });

  test('goes there when the event is too old', async () => {
    deliver.mockRejectedValue(new AwsError('TooManyRequestsException', 'Too many', 429));
    await putEvent('impatient');
    expect((await receive()).attributes).toMatchObject({
      ERROR_CODE: 'THROTTLING',
      EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds',
    });
  });

  test.each([
    [
      'the target refuses it',
      'shop',
      new AwsError('InvalidExecutionInput', 'Bad input'),
      'INVALID_PARAMETER',
    ],
    ['the target does not exist', 'shop', new AwsError('StateMachineDoesNotExist', 'None'), 'NO_RESOURCE'],
    ['the role may not call the target', 'powerless', undefined, 'NO_PERMISSIONS'],
    ['the role does not trust EventBridge', 'untrusted', undefined, 'FAILED_TO_ASSUME_ROLE'],
  ])('goes there at once when %s', async (_, source, error, ERROR_CODE) => {
    if (error) deliver.mockRejectedValue(error);
    await putEvent(source);
    expect((await receive()).attributes).toMatchObject({ ERROR_CODE, RETRY_ATTEMPTS: '0' });
  });

  test.each([
    ['there is no queue', 'no-queue', 'the target has no dead-letter queue'],
    [
      'the queue’s policy does not let the rule send',
      'no-permission',
      'not authorized to perform: sqs:SendMessage',
    ],
  ])('is reported as lost when %s', async (_, source, why) => {
    await putEvent(source);
    expect(onLost).toHaveBeenCalledWith(expect.stringContaining(why));
  });
});
