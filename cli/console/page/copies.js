/** Text as one word of a POSIX shell. */
const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

/** The command that starts the same render. */
export function commandToStart({ stateMachineArn, endpoint }, request) {
  const where = endpoint ? `AWS_ENDPOINT_URL=${endpoint} ` : '';
  return `${where}npx remotion-step-functions render --state-machine-arn ${quoted(stateMachineArn)} --request /dev/stdin <<'REQUEST'\n${JSON.stringify(request, null, 2)}\nREQUEST`;
}

/** The same by curl, signed with the credentials of the shell. */
export function curlToStart({ stateMachineArn, endpoint, region }, request) {
  const address =
    endpoint ?? `https://states.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
  const body = JSON.stringify({ stateMachineArn, input: JSON.stringify(request) });
  return [
    `curl -sS ${quoted(address)} --aws-sigv4 ${quoted(`aws:amz:${region}:states`)}`,
    '--user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" -H "x-amz-security-token: $AWS_SESSION_TOKEN"',
    `-H 'content-type: application/x-amz-json-1.0' -H 'x-amz-target: AWSStepFunctions.StartExecution'`,
    `--data-raw ${quoted(body)}`,
  ].join(' \\\n  ');
}

/** Hosts of AWS's console, by partition; where a partition has another one, it is not public. */
const CONSOLES = {
  aws: (region) => `${region}.console.aws.amazon.com`,
  'aws-cn': () => 'console.amazonaws.cn',
  'aws-us-gov': () => 'console.amazonaws-us-gov.com',
};

/** The execution in AWS's console; undefined where there is none. */
export function consoleAddress({ endpoint, region, stateMachineArn }, executionArn) {
  const [, partition] = stateMachineArn.split(':');
  const host = endpoint ? undefined : CONSOLES[partition]?.(region);
  return host && `https://${host}/states/home?region=${region}#/v2/executions/details/${executionArn}`;
}
