import type { ChildProcess } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** What a process has printed, and its exit status, once it has ended. */
export async function finish(
  child: ChildProcess,
): Promise<{ stdout: string; stderr: string; status: number | null }> {
  const exit = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [stdout, stderr, status] = await Promise.all([
    text(child.stdout as NodeJS.ReadableStream),
    text(child.stderr as NodeJS.ReadableStream),
    exit,
  ]);
  return { stdout, stderr, status };
}
