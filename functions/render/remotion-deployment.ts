import type { AwsRegion } from '@remotion/lambda/client';
import { requireEnvironment } from '../runtime/environment.ts';

/** The Remotion function and the one Remotion bucket that a deployment of the workflow uses. */
export interface RemotionDeployment {
  readonly region: AwsRegion;
  readonly functionName: string;
  readonly bucketName: string;
}

/** @throws Error `MissingEnvironmentVariable` */
export function readRemotionDeployment(): RemotionDeployment {
  const environment = requireEnvironment('AWS_REGION', 'REMOTION_FUNCTION_NAME', 'REMOTION_BUCKET_NAME');
  return {
    region: environment.AWS_REGION as AwsRegion,
    functionName: environment.REMOTION_FUNCTION_NAME,
    bucketName: environment.REMOTION_BUCKET_NAME,
  };
}
