/** Reads values of buckets from a variable of the environment: `bucket=value`, with commas between them. */
export function bucketValues(variable = ''): (bucket: string) => string | undefined {
  const values = new Map(variable.split(',').map((pair) => pair.split('=') as [string, string]));
  return (bucket) => values.get(bucket);
}
