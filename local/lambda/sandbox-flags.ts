/**
 * Node's flags for a function process: it may read everything and write only its own folder, as a Lambda function
 * may write only `/tmp`. Child processes are allowed (Chromium, ffmpeg) and are outside of Node's permission model.
 *
 * For Remotion's function this is a lock: it empties the literal `/tmp` on every invocation.
 */
export function sandboxFlags(folder: string): string[] {
  return [
    '--permission',
    '--allow-fs-read=*',
    `--allow-fs-write=${folder}`,
    '--allow-child-process',
    '--allow-worker',
    '--allow-addons',
    '--allow-wasi',
    // Each of the permissions above warns on every start.
    '--disable-warning=SecurityWarning',
    '--disable-warning=ExperimentalWarning',
  ];
}
