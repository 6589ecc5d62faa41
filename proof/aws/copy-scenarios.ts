import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { delivered, failedWith } from './delivered.ts';
import { type Scenario, Skipped } from './scenario.ts';
import { SMALL, type Verification } from './verification.ts';

/** Some 95 MB: ProRes has so many bits a second whatever it shows. */
const LARGE = {
  composition: 'HelloWorld',
  inputProps: { durationInSeconds: 6 },
  codec: 'prores',
  proResProfile: '4444-xq',
  imageFormat: 'png',
  pixelFormat: 'yuva444p10le',
  framesPerLambda: 60,
};

/** Larger videos are copied in parts, in bytes (`functions/copy-to-bucket/copy-plan.ts`). */
const IN_PARTS_FROM = 64 * 1024 ** 2;

/** That finished videos are copied, and only where nothing is. */
export const COPY_SCENARIOS: readonly Scenario[] = [
  {
    name: 'a large video is copied in parts',
    async run(on, jobId) {
      const { bucket, key, sizeInBytes } = delivered(await on.render({ jobId, render: LARGE }));
      if (sizeInBytes <= IN_PARTS_FROM) throw new Error(`${sizeInBytes} bytes are too few to tell`);
      const { ETag = '', ChecksumType } = await headOf(on, bucket, key);
      const [, parts] = /-(\d+)"?$/.exec(ETag) ?? [];
      if (parts === undefined) throw new Error(`the ETag ${ETag} is not of an upload in parts`);
      if (ChecksumType && ChecksumType !== 'FULL_OBJECT')
        throw new Error(`its checksum is ${ChecksumType}, and not of the whole object`);
      const checksum = ChecksumType ? 'a checksum of the whole' : 'no checksum told';
      return `${Math.round(sizeInBytes / 1e6)} MB in ${parts} parts, ${checksum}`;
    },
  },
  {
    name: 'what is at the destination is not replaced, and costs no render',
    async run(on, jobId) {
      const destination = { key: `videos/${jobId}.mp4` };
      const { costInUsd } = delivered(await on.render({ jobId, render: SMALL, destination }));
      const end = await on.render({ jobId: `${jobId}-again`, render: SMALL, destination });
      failedWith(end, 'DestinationExists');
      const { renderId } = JSON.parse(end.cause ?? '{}');
      if (renderId) throw new Error(`it was rendered as ${renderId} first`);
      return `DestinationExists, before $${costInUsd} were spent again`;
    },
  },
  {
    name: 'a video is copied into a bucket of another region',
    async run(on, jobId) {
      const { otherBucketName } = on.deployed;
      if (!otherBucketName) throw new Skipped('no --other-region');
      const destination = { bucket: otherBucketName };
      const { bucket, key } = delivered(await on.render({ jobId, render: SMALL, destination }));
      const { $metadata } = await headOf(on, bucket, key);
      return `${bucket} has it (${$metadata.httpStatusCode})`;
    },
  },
];

function headOf({ s3 }: Verification, Bucket: string, Key: string) {
  return s3.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
}
