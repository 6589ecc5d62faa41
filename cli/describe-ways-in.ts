/** Context values of a stack that takes requests in every way. */
export const EVERY_WAY_IN = { renderQueue: 'true', renderApi: 'true' } as const;

const REQUEST = 'examples/hello-world/request.json';

/**
 * Commands that start the example's render in every way, and look at it. They paste and run, with both versions of
 * the AWS CLI: for SQS version 1 does not read AWS_ENDPOINT_URL.
 *
 * @param outputs of a stack that takes requests in every way
 */
export function describeWaysIn(outputs: Readonly<Record<string, string>>): string {
  const { StateMachineArn, RenderQueueUrl, RenderQueueDeadLettersUrl, RenderApiUrl } = outputs;
  const curl =
    'curl -sS --aws-sigv4 "aws:amz:$AWS_REGION:execute-api" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"';
  return `# Start a render by request, by event, by a message of the queue, or over HTTP:
aws stepfunctions start-execution --state-machine-arn ${StateMachineArn} --input file://${REQUEST}
aws events put-events --entries file://examples/hello-world/event.json
aws --endpoint-url "$AWS_ENDPOINT_URL" sqs send-message --queue-url ${RenderQueueUrl} --message-body file://${REQUEST}
${curl} -H 'content-type: application/json' --data-binary @${REQUEST} ${RenderApiUrl}

# Over HTTP, see its state; the name is the last part of the executionArn:
${curl} ${RenderApiUrl}/<name>

# See which messages failed, and why:
aws --endpoint-url "$AWS_ENDPOINT_URL" sqs receive-message --queue-url ${RenderQueueDeadLettersUrl}`;
}
