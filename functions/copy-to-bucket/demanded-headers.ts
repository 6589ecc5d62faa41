import { bucketValues } from '../runtime/bucket-values.ts';
import type { ObjectSettings } from './pinned-copy.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Headers that the policies of destination buckets demand, as the stack is set up: `DESTINATION_ENCRYPTION`,
 * `DESTINATION_KEYS` (`bucket=key ARN`, with commas) and `DESTINATION_ACL`.
 */
export function demandedHeaders(environment: Environment): (bucket: string) => ObjectSettings {
  const { DESTINATION_ENCRYPTION, DESTINATION_KEYS, DESTINATION_ACL } = environment;
  const keyOf = bucketValues(DESTINATION_KEYS);
  return (bucket) => {
    const key = keyOf(bucket);
    return {
      ...(DESTINATION_ENCRYPTION && {
        ServerSideEncryption: DESTINATION_ENCRYPTION as NonNullable<ObjectSettings['ServerSideEncryption']>,
      }),
      ...(key && { SSEKMSKeyId: key }),
      ...(DESTINATION_ACL && { ACL: DESTINATION_ACL as NonNullable<ObjectSettings['ACL']> }),
    };
  };
}
