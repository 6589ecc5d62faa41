import { AwsError } from '../aws.ts';

/** What a precondition is compared with. */
export interface ObjectState {
  readonly etag: string;
  readonly lastModified: Date;
}

type Headers = Readonly<Record<string, string | undefined>>;

/**
 * S3's conditional writes (`If-None-Match: *`, `If-Match: ETAG`).
 * Throws AwsError `PreconditionFailed` (412), `NoSuchKey` (404, If-Match on nothing) or `NotImplemented`.
 *
 * @param current the object that the write would replace
 */
export function checkWrite(headers: Headers, current: ObjectState | undefined): void {
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*')
    throw new AwsError('NotImplemented', 'S3 writes take no other If-None-Match than *.', 501);
  if (ifNoneMatch && current) throw preconditionFailed('If-None-Match');
  const ifMatch = headers['if-match'];
  if (ifMatch === undefined) return;
  if (!current) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
  if (!sameEtag(ifMatch, current.etag)) throw preconditionFailed('If-Match');
}

/**
 * The conditions of a read: to go on, 304 (the reader's copy is current) or 412.
 *
 * @param prefix `x-amz-copy-source-` for a copy's conditions on what it reads
 */
export function readCondition(headers: Headers, object: ObjectState, prefix = ''): 'proceed' | 304 | 412 {
  const ifMatch = headers[`${prefix}if-match`];
  const ifUnmodifiedSince = headers[`${prefix}if-unmodified-since`];
  const ifNoneMatch = headers[`${prefix}if-none-match`];
  const ifModifiedSince = headers[`${prefix}if-modified-since`];
  // An ETag decides before a date does.
  if (ifMatch !== undefined) {
    if (!sameEtag(ifMatch, object.etag)) return 412;
  } else if (ifUnmodifiedSince && object.lastModified > new Date(ifUnmodifiedSince)) return 412;
  if (ifNoneMatch !== undefined) {
    if (sameEtag(ifNoneMatch, object.etag)) return 304;
  } else if (ifModifiedSince && object.lastModified <= new Date(ifModifiedSince)) return 304;
  return 'proceed';
}

/** Throws AwsError `PreconditionFailed` where the object that a copy reads is not the one it is meant to read. */
export function checkCopySource(headers: Headers, source: ObjectState): void {
  if (readCondition(headers, source, 'x-amz-copy-source-') !== 'proceed')
    throw preconditionFailed('x-amz-copy-source-If');
}

export function preconditionFailed(condition: string): AwsError {
  const message = `At least one of the pre-conditions you specified did not hold (${condition})`;
  return new AwsError('PreconditionFailed', message, 412);
}

function sameEtag(wanted: string, etag: string): boolean {
  const bare = (text: string): string => text.replaceAll('"', '');
  return wanted === '*' || bare(wanted) === bare(etag);
}
