import type { ObjectSettings } from './pinned-copy.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Headers that the policies of destination buckets demand, as the stack is set up: `DESTINATION_ENCRYPTION`,
 * `DESTINATION_KEYS` (`bucket=key ARN`, with commas) and `DESTINATION_ACL`.
 */
export function demandedHeaders(environment: Environment): (bucket: string) => ObjectSettings {
  const { DESTINATION_ENCRYPTION, DESTINATION_KEYS = '', DESTINATION_ACL } = environment;
  const keys = new Map(DESTINATION_KEYS.split(',').map((pair) => pair.split('=') as [string, string]));
  return (bucket) => {
    const key = keys.get(bucket);
    return {
      ...(DESTINATION_ENCRYPTION && {
        ServerSideEncryption: DESTINATION_ENCRYPTION as NonNullable<ObjectSettings['ServerSideEncryption']>,
      }),
      ...(key && { SSEKMSKeyId: key }),
      ...(DESTINATION_ACL && { ACL: DESTINATION_ACL as NonNullable<ObjectSettings['ACL']> }),
    };
  };
}
