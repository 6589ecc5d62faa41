import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { RenderInternals } from '@remotion/renderer';

export type Stream = Record<string, string | number>;

/** What ffprobe, which comes with Remotion, says of a file's first video and audio stream. */
export function probeVideo(file: string): { video: Stream; audio: Stream } {
  const answer = ffprobe(file, '-show_streams');
  const first = (type: string) => answer.streams.find((stream: Stream) => stream.codec_type === type);
  return { video: first('video'), audio: first('audio') };
}

function ffprobe(file: string, ...what: string[]) {
  const executable = RenderInternals.getExecutablePath({
    type: 'ffprobe',
    indent: false,
    logLevel: 'error',
    binariesDirectory: null,
  });
  // Its libraries lie beside it.
  const folder = dirname(executable);
  const env = { ...process.env, LD_LIBRARY_PATH: folder, DYLD_LIBRARY_PATH: folder };
  const options = ['-v', 'error', ...what, '-of', 'json', file];
  return JSON.parse(execFileSync(executable, options, { encoding: 'utf8', cwd: folder, env }));
}

/** The tags that everybody who has the file can read in it, by their names in lower case. */
export function probeTags(file: string): Record<string, string> {
  const { format, streams } = ffprobe(file, '-show_format', '-show_streams');
  const tags = [format, ...streams].flatMap(({ tags = {} }) => Object.entries<string>(tags));
  return Object.fromEntries(tags.map(([name, value]) => [name.toLowerCase(), value]));
}

/** The same for an object in S3, with what S3 says of it. */
export async function probeObject(s3: S3Client, bucket: string, key: string) {
  const { Body, ContentType } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
  const folder = mkdtempSync(join(tmpdir(), 'probe-'));
  try {
    const file = join(folder, 'video');
    writeFileSync(file, bytes);
    return {
      contentType: ContentType,
      sizeInBytes: bytes.length,
      tags: probeTags(file),
      ...probeVideo(file),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
