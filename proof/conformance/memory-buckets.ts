import { AwsError } from '../../local/aws.ts';
import type { TaskServices } from '../../local/stepfunctions/task-services.ts';
import type { RecordedCase } from './recorded-case.ts';

/** S3 in memory. */
export interface MemoryBuckets extends Pick<TaskServices, 'getObject' | 'putObject'> {
  /** Texts by `bucket/key`, also of what was written. */
  readonly texts: ReadonlyMap<string, string>;
}

/** @param s3 what is there at the start, as a case has it */
export function memoryBuckets(s3: RecordedCase['s3'] = {}): MemoryBuckets {
  const texts = new Map(
    Object.entries(s3).flatMap(([bucket, objects]) =>
      Object.entries(objects).map(([key, { text }]) => [`${bucket}/${key}`, text] as const),
    ),
  );
  return {
    texts,
    async getObject({ bucket, key }) {
      const text = texts.get(`${bucket}/${key}`);
      if (text === undefined) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
      return Buffer.from(text);
    },
    async putObject({ bucket, key, body }) {
      texts.set(`${bucket}/${key}`, body.toString());
    },
  };
}
