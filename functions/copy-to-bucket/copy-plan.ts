const MIB = 1024 ** 2;

/** Up to here one `CopyObject`, in bytes: starting and completing parts costs more than they save. */
const SINGLE_COPY_LIMIT = 64 * MIB;

/** S3's limit of parts in one upload. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const MAX_PARTS = 10_000;

/** More at once gain little: S3 answers 503 to a prefix that is asked for too much, and a small function has one core. */
const MAX_CONCURRENCY = 24;

/** Smaller parts spend more of their time on requests than on bytes, in bytes. */
const MIN_PART_SIZE = 8 * MIB;

/** Larger parts make the last of them longer to wait for, in bytes. */
const USUAL_PART_SIZE = 64 * MIB;

/** How a video is copied. */
export interface CopyPlan {
  /** Bytes of each part but the last; undefined for one `CopyObject`. */
  readonly partSize?: number;
  /** Copies that run at once. */
  readonly concurrency: number;
}

/** A part of a video: first and last byte, both included. */
export interface PartRange {
  /** Counts from 1. */
  readonly partNumber: number;
  readonly first: number;
  readonly last: number;
}

/**
 * How to copy a video of a size: whole when it is small; else in parts that all run at once if there are few
 * enough, and of 64 MiB if there are more, so that a slow one holds up little; larger only where S3's 10,000
 * parts do not do. The part size does not depend on anything but the size: a repeated copy cuts the same parts.
 *
 * @param sizeInBytes At most what 10,000 parts of 5 GiB hold, some 48 TiB.
 */
export function planCopy(sizeInBytes: number): CopyPlan {
  if (sizeInBytes <= SINGLE_COPY_LIMIT) return { concurrency: 1 };
  const allAtOnce = wholeMebibytes(sizeInBytes / MAX_CONCURRENCY);
  const partSize = Math.max(
    Math.min(Math.max(allAtOnce, MIN_PART_SIZE), USUAL_PART_SIZE),
    wholeMebibytes(sizeInBytes / MAX_PARTS),
  );
  return { partSize, concurrency: Math.min(MAX_CONCURRENCY, Math.ceil(sizeInBytes / partSize)) };
}

/** The parts of a video, in order. */
export function partRanges(sizeInBytes: number, partSize: number): PartRange[] {
  return Array.from({ length: Math.ceil(sizeInBytes / partSize) }, (_, index) => ({
    partNumber: index + 1,
    first: index * partSize,
    last: Math.min((index + 1) * partSize, sizeInBytes) - 1,
  }));
}

function wholeMebibytes(bytes: number): number {
  return Math.ceil(bytes / MIB) * MIB;
}
