import { AbsoluteFill, Artifact, Html5Audio, staticFile, useCurrentFrame } from 'remotion';
import { Backdrop } from './backdrop.tsx';
import { Chunks } from './chunks.tsx';
import type { HelloWorldProps } from './props.ts';
import { Title } from './title.tsx';
import { useFrameDelay } from './use-frame-delay.ts';

export function HelloWorld(props: HelloWorldProps) {
  const frame = useCurrentFrame();
  useFrameDelay(props.delayPerFrameInMilliseconds);
  if (frame === props.failAtFrame) throw new Error(`HelloWorld fails at frame ${frame}, as its props ask`);

  return (
    <AbsoluteFill
      style={{
        color: props.textColor,
        // Open Sans comes with the Chromium of the one-machine run; a bare machine has no other font.
        fontFamily: "'Open Sans', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif",
      }}
    >
      <Backdrop color={props.backgroundColor} accentColors={props.accentColors} />
      <Title title={props.title} subtitle={props.subtitle} accentColors={props.accentColors} />
      <Chunks accentColors={props.accentColors} />
      {frame === 0 ? <Artifact filename="captions.srt" content={captions(props.title)} /> : null}
      {props.withSound ? <Html5Audio src={staticFile('chime.mp3')} /> : null}
    </AbsoluteFill>
  );
}

/** Delivered beside the video, as everything that a composition emits. */
function captions(title: string): string {
  return `1\n00:00:00,000 --> 00:00:04,000\n${title}\n`;
}
