import { AwsError, type LocalService } from '../aws.ts';
import type { LocalPipe } from '../cloud-assembly/local-stack.ts';

/** EventBridge Pipes' `ListPipes`, by the beginning of the source's ARN: all pipes run as long as the machine does. */
export function createPipesService(pipes: readonly LocalPipe[]): LocalService {
  return {
    signingName: 'pipes',
    authorizations({ method, path }) {
      if (method === 'GET' && path === '/v1/pipes') return [{ action: 'pipes:ListPipes', resource: '*' }];
      throw new AwsError(
        'NotImplemented',
        `The one-machine run does not do ${method} ${path} of Pipes.`,
        501,
      );
    },
    async handle({ query }) {
      const prefix = query.get('SourcePrefix') ?? '';
      const Pipes = pipes
        .filter(({ queueArn }) => queueArn.startsWith(prefix))
        .map(({ name, arn, queueArn, stateMachineArn }) => ({
          Name: name,
          Arn: arn,
          Source: queueArn,
          Target: stateMachineArn,
          DesiredState: 'RUNNING',
          CurrentState: 'RUNNING',
        }));
      return {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ Pipes }),
      };
    },
    errorResponse: ({ code, message, status }) => ({
      status,
      headers: { 'content-type': 'application/json', 'x-amzn-errortype': code },
      body: JSON.stringify({ message }),
    }),
  };
}
