import { bucketValues } from './bucket-values.ts';

/** The accounts that destination buckets must belong to, where they are known, by `DESTINATION_BUCKET_OWNERS`. */
export function bucketOwners(): (bucket: string) => string | undefined {
  return bucketValues(process.env.DESTINATION_BUCKET_OWNERS);
}
