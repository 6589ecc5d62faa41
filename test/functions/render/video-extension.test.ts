import { RenderInternals } from '@remotion/renderer';
import { contradicts, videoExtension } from '../../../functions/render/video-extension.ts';
import { CODECS } from '../../../statemachine/render-request-schema.ts';

const AUDIO_CODECS = ['aac', 'mp3', 'opus', 'pcm-16'] as const;

const combinations = CODECS.flatMap((codec) =>
  [null, ...AUDIO_CODECS].flatMap((audioCodec) => {
    try {
      return [{ codec, audioCodec, extension: RenderInternals.getFileExtensionFromCodec(codec, audioCodec) }];
    } catch {
      // Remotion does not render them.
      return [];
    }
  }),
);

test.each(combinations)(
  '$codec with $audioCodec sound is a .$extension, as Remotion has it',
  (combination) => {
    expect(videoExtension(combination)).toBe(combination.extension);
  },
);

test('of a codec that is not known here nothing is guessed', () => {
  expect(videoExtension({ codec: 'h266' as 'h264' })).toBeUndefined();
});

test.each([
  ['videos/a.mp4', 'mov', true],
  ['videos/a.MOV', 'mov', false],
  ['videos/a.m4v', 'mp4', false],
  ['videos/a.jpg', 'mp4', true],
  ['videos/a', 'mp4', false],
  ['videos/v1.2', 'mp4', false],
  ['videos.mov/a.mp4', 'mp4', false],
])('the key %s of a .%s contradicts it: %s', (key, extension, expected) => {
  expect(contradicts(key, extension)).toBe(expected);
});
