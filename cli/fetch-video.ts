import { createWriteStream, mkdirSync, statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { RenderResult } from '../statemachine/contract.ts';
import { UsageError } from './usage-error.ts';

/**
 * Makes the folder of the target, before anything is spent on what could not be saved.
 *
 * @param target A file; a folder if it is one or ends with a slash.
 * @throws UsageError when that cannot be done.
 */
export function prepareTarget(target: string): void {
  try {
    mkdirSync(isFolder(target) ? target : dirname(resolve(target)), { recursive: true });
  } catch (error) {
    throw new UsageError(`${target} cannot be written: ${(error as Error).message}`);
  }
}

/**
 * Fetches a delivered video; the file is complete or not there. Returns its absolute path.
 *
 * @param target As for `prepareTarget`; in a folder the video has the last part of its key for a name.
 */
export async function fetchVideo(
  s3: S3Client,
  { bucket, key }: Pick<RenderResult, 'bucket' | 'key'>,
  target: string,
  signal?: AbortSignal,
): Promise<string> {
  prepareTarget(target);
  const file = resolve(isFolder(target) ? join(target, basename(key)) : target);
  const part = `${file}.part`;
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
  if (!Body) throw new Error(`s3://${bucket}/${key} has no content.`);
  try {
    await pipeline(Body as Readable, createWriteStream(part), { signal });
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  return file;
}

function isFolder(target: string): boolean {
  return (
    target.endsWith('/') ||
    target.endsWith(sep) ||
    statSync(target, { throwIfNoEntry: false })?.isDirectory() === true
  );
}
