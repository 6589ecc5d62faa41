/** Content types by the extensions that Remotion gives its outputs. Source: https://www.remotion.dev/docs/encoding */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  mp4: 'video/mp4',
  mkv: 'video/x-matroska',
  webm: 'video/webm',
  mov: 'video/quicktime',
  mxf: 'application/mxf',
  gif: 'image/gif',
  mp3: 'audio/mpeg',
  aac: 'audio/aac',
  wav: 'audio/wav',
};

/** The content type of an output of Remotion, by the extension of its key. */
export function contentType(key: string): string {
  return CONTENT_TYPES[key.slice(key.lastIndexOf('.') + 1).toLowerCase()] ?? 'application/octet-stream';
}
