import { accessSync, constants, createWriteStream, mkdirSync, statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { RenderResult } from '../statemachine/contract.ts';
import { UsageError } from './usage-error.ts';

/**
 * Checks that a video can be saved there, before anything is spent on it.
 *
 * @param target A file in a folder that exists; a folder, made if need be, if it is one or ends with a slash.
 * @throws UsageError when that cannot be done.
 */
export function prepareTarget(target: string): void {
  const folder = isFolder(target) ? target : dirname(resolve(target));
  try {
    if (isFolder(target)) mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(
      `The video cannot be saved as ${target}: the folder ${folder} cannot be written (${code}).`,
    );
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
