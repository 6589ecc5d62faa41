/** The accounts that destination buckets must belong to, where they are known, by `DESTINATION_BUCKET_OWNERS`. */
export function bucketOwners(): (bucket: string) => string | undefined {
  const pairs = (process.env.DESTINATION_BUCKET_OWNERS ?? '').split(',');
  const owners = new Map(pairs.map((pair) => pair.split('=') as [string, string]));
  return (bucket) => owners.get(bucket);
}
