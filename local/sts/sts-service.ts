import {
  type Authorization,
  AwsError,
  type AwsRequest,
  type AwsResponse,
  LOCAL_ACCOUNT_ID,
  type LocalService,
} from '../aws.ts';

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

/** STS's GetCallerIdentity, which needs no permission. */
export function createStsService(): LocalService {
  return {
    signingName: 'sts',
    authorizations(request): Authorization[] {
      const action = operationOf(request);
      if (action === 'GetCallerIdentity') return [];
      throw new AwsError('NotImplemented', `The one-machine run does not do sts:${action}.`, 501);
    },
    async handle({ principal }): Promise<AwsResponse> {
      const arn =
        principal.kind === 'role'
          ? `arn:aws:sts::${LOCAL_ACCOUNT_ID}:assumed-role/${principal.roleArn.split('/').at(-1)}/one-machine`
          : `arn:aws:iam::${LOCAL_ACCOUNT_ID}:user/${principal.kind}`;
      return xml(
        200,
        `<GetCallerIdentityResponse xmlns="${NAMESPACE}"><GetCallerIdentityResult>` +
          `<Arn>${arn}</Arn><UserId>${principal.kind}</UserId><Account>${LOCAL_ACCOUNT_ID}</Account>` +
          '</GetCallerIdentityResult></GetCallerIdentityResponse>',
      );
    },
    errorResponse: ({ code, message, status }) =>
      xml(
        status,
        `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type>` +
          `<Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
      ),
  };
}

function operationOf({ body, query }: AwsRequest): string {
  return new URLSearchParams(body.toString()).get('Action') ?? query.get('Action') ?? 'an unnamed operation';
}

function xml(status: number, body: string): AwsResponse {
  return { status, headers: { 'content-type': 'text/xml' }, body };
}
