import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AwsRegion,
  cancelRenderOnLambda,
  getRenderProgress,
  renderMediaOnLambda,
} from '@remotion/lambda/client';

// Remotion's client wants keys in the environment, where a role of an instance or a task has none. With this it
// leaves the credentials to the AWS SDK, which asks the metadata service and renews them.
process.env.REMOTION_SKIP_AWS_CREDENTIALS_CHECK = 'true';

const [functionName = '', bucketName = '', serveUrl = ''] = process.argv.slice(2);
const region = process.env.AWS_REGION as AwsRegion;

const { renderId } = await renderMediaOnLambda({
  region,
  functionName,
  forceBucketName: bucketName,
  enableCancellation: true,
  serveUrl,
  composition: 'HelloWorld',
  codec: 'h264',
  inputProps: { durationInSeconds: 0.5 },
  framesPerLambda: 15,
  scale: 0.25,
  privacy: 'private',
});
process.once('SIGTERM', () => cancelRenderOnLambda({ region, bucketName, renderId }));
for (;;) {
  const progress = await getRenderProgress({
    region,
    functionName,
    bucketName,
    renderId,
    skipLambdaInvocation: true,
  });
  if (progress.fatalErrorEncountered) throw new Error(progress.errors[0]?.message);
  if (progress.done) {
    console.log(JSON.stringify({ bucket: progress.outBucket, key: progress.outKey }));
    break;
  }
  await sleep(1_000);
}
