import { AwsError, type AwsRequest, type LocalService } from '../aws.ts';
import type { LocalDistribution } from '../cloud-assembly/local-stack.ts';
import { DISTRIBUTION_PATH } from '../cloud-assembly/local-url.ts';
import type { AccessControl } from '../iam/access-control.ts';

export interface CloudFrontOptions {
  readonly distributions: readonly LocalDistribution[];
  readonly access: Pick<AccessControl, 'authorize'>;
  readonly s3: LocalService;
}

/**
 * The stack's distributions, each at `/_aws/cloudfront/ID/…`, for everybody. They read from their bucket as the
 * service that the bucket's policy names, and keep nothing.
 */
export function createCloudFrontService({ distributions, access, s3 }: CloudFrontOptions): LocalService {
  function toOrigin({ method, path, headers }: AwsRequest, distribution: LocalDistribution): AwsRequest {
    const { id, bucketName, originPath } = distribution;
    return {
      method,
      path: `/${bucketName}${originPath}${path.slice(`${DISTRIBUTION_PATH}${id}`.length)}`,
      query: new URLSearchParams(),
      headers: Object.fromEntries(Object.entries(headers).filter(([name]) => /^(range|if-)/.test(name))),
      body: Buffer.alloc(0),
      // IAM has been asked for the service.
      principal: { kind: 'anonymous' },
    };
  }

  return {
    signingName: 'cloudfront',
    owns: (path) => path.startsWith(DISTRIBUTION_PATH),
    authorizations: () => [],
    async handle(request) {
      if (!['GET', 'HEAD'].includes(request.method))
        throw new AwsError('MethodNotAllowed', 'This distribution allows only cachable requests.', 403);
      const [id] = request.path.slice(DISTRIBUTION_PATH.length).split('/');
      const distribution = distributions.find((each) => each.id === id);
      if (!distribution) throw new AwsError('NoSuchDistribution', `There is no distribution ${id}.`, 404);
      const asked = toOrigin(request, distribution);
      const caller = {
        kind: 'service',
        service: 'cloudfront.amazonaws.com',
        sourceArn: distribution.arn,
      } as const;
      for (const authorization of s3.authorizations(asked)) access.authorize(caller, authorization);
      return s3.handle(asked);
    },
    errorResponse: (error) => s3.errorResponse(error),
  };
}
