import { join, relative } from 'node:path';

/** Context values of a stack that takes requests in every way, and tables. */
export const EVERY_WAY_IN = { renderQueue: 'true', renderApi: 'true', renderBatch: 'true' } as const;

const example = (file: string) =>
  relative(process.cwd(), join(import.meta.dirname, '..', 'examples', 'hello-world', file));

const REQUEST = example('request.json');

/** The variables that the commands here and in the README read, as lines for a shell. */
export function exportWaysIn(outputs: Readonly<Record<string, string>>): string {
  const { StateMachineArn, RenderQueueUrl, RenderQueueDeadLettersUrl, RenderApiUrl, BatchStateMachineArn } =
    outputs;
  return `export STATE_MACHINE_ARN=${StateMachineArn}
export RENDER_QUEUE_URL=${RenderQueueUrl}
export RENDER_QUEUE_DEAD_LETTERS_URL=${RenderQueueDeadLettersUrl}
export RENDER_API_URL=${RenderApiUrl}
export BATCH_STATE_MACHINE_ARN=${BatchStateMachineArn}`;
}

/**
 * Commands that start the example's render in every way, and look at it. They paste and run, with both versions of
 * the AWS CLI: for SQS version 1 does not read AWS_ENDPOINT_URL.
 */
export function describeWaysIn(): string {
  const curl =
    'curl -sS --aws-sigv4 "aws:amz:$AWS_REGION:execute-api" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" -H "x-amz-security-token: $AWS_SESSION_TOKEN"';
  return `# Start a render and watch it:
npx remotion-step-functions render --request ${REQUEST} --download out/

# Start one by request, by event, by a message of the queue, or over HTTP:
aws stepfunctions start-execution --state-machine-arn "$STATE_MACHINE_ARN" --input file://${REQUEST}
aws events put-events --entries file://${example('event.json')}
aws --endpoint-url "$AWS_ENDPOINT_URL" sqs send-message --queue-url "$RENDER_QUEUE_URL" --message-body file://${REQUEST}
${curl} -H 'content-type: application/json' --data-binary @${REQUEST} "$RENDER_API_URL"

# Over HTTP, see its state; the name is the last part of the executionArn:
${curl} "$RENDER_API_URL/<name>"

# See which messages failed, and why:
aws --endpoint-url "$AWS_ENDPOINT_URL" sqs receive-message --queue-url "$RENDER_QUEUE_DEAD_LETTERS_URL"`;
}
