import type { RenderOptions } from '../../statemachine/contract.ts';

/**
 * The extensions that Remotion gives a video by its codec and, where that makes another container, its audio codec.
 * A test holds them against Remotion's own. Source: https://www.remotion.dev/docs/encoding
 */
const EXTENSIONS: Readonly<Record<string, { readonly [audioCodec: string]: string; readonly any: string }>> =
  {
    h264: { any: 'mp4', 'pcm-16': 'mkv' },
    h265: { any: 'mp4', 'pcm-16': 'mkv' },
    av1: { any: 'mp4', 'pcm-16': 'mkv', opus: 'webm' },
    vp8: { any: 'webm', 'pcm-16': 'mkv' },
    vp9: { any: 'webm', 'pcm-16': 'mkv' },
    prores: { any: 'mov' },
    gif: { any: 'gif' },
    mp3: { any: 'mp3', 'pcm-16': 'wav' },
    aac: { any: 'aac', 'pcm-16': 'wav' },
    wav: { any: 'wav' },
  };

/** The extension that a render's video will have, without its dot; undefined for a codec that is not known here. */
export function videoExtension({
  codec,
  audioCodec,
}: Partial<Pick<RenderOptions, 'codec' | 'audioCodec'>>): string | undefined {
  const extensions = EXTENSIONS[codec ?? ''];
  return extensions?.[audioCodec ?? 'any'] ?? extensions?.any;
}

/** Extensions by which people and tools take a file for video, sound or picture of one kind. */
const OF_A_KIND =
  /\.(mp4|m4v|mov|mkv|webm|avi|mxf|mpg|mpeg|ts|flv|wmv|ogv|3gp|hevc|gif|apng|webp|png|jpe?g|mp3|aac|m4a|wav|ogg|oga|opus|flac|zip|pdf|srt|vtt|json|txt|html?)$/i;

/** Other names of the same kind of file. */
const SAME_KIND: Readonly<Record<string, readonly string[]>> = {
  mp4: ['m4v'],
  aac: ['m4a'],
};

/** Whether a key says by its extension that it is a file of another kind. */
export function contradicts(key: string, extension: string): boolean {
  const named = OF_A_KIND.exec(key)?.[1]?.toLowerCase();
  return named !== undefined && named !== extension && !SAME_KIND[extension]?.includes(named);
}
