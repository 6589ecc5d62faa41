import { AbsoluteFill, Easing, interpolate, spring, useCurrentFrame, useVideoConfig } from 'remotion';

type Props = { title: string; subtitle: string; accentColors: [string, string] };

/** The title rises letter by letter, a line is drawn beneath it, the subtitle follows. */
export function Title({ title, subtitle, accentColors: [left, right] }: Props) {
  const frame = useCurrentFrame();
  const { fps } = useVideoConfig();
  const letters = Array.from(title);
  const fontSize = Math.min(136, 1900 / Math.max(1, letters.length));
  const framesBetweenLetters = Math.min(1.6, 20 / Math.max(1, letters.length));
  const line = interpolate(frame, [18, 42], [0, 1], {
    extrapolateLeft: 'clamp',
    extrapolateRight: 'clamp',
    easing: Easing.inOut(Easing.cubic),
  });
  const follow = spring({ frame: frame - 28, fps, config: { damping: 200 } });

  return (
    <AbsoluteFill style={{ alignItems: 'center', justifyContent: 'center', paddingBottom: 70 }}>
      <div
        style={{ display: 'flex', fontSize, fontWeight: 700, letterSpacing: '-0.03em', whiteSpace: 'pre' }}
      >
        {letters.map((letter, index) => {
          const rise = spring({
            frame: frame - index * framesBetweenLetters,
            fps,
            config: { damping: 13, stiffness: 130 },
          });
          return (
            <span
              // biome-ignore lint/suspicious/noArrayIndexKey: letters keep their places.
              key={index}
              style={{
                opacity: Math.min(1, rise * 1.4),
                transform: `translateY(${(1 - rise) * 90}px) rotate(${(1 - rise) * 14}deg)`,
              }}
            >
              {letter}
            </span>
          );
        })}
      </div>
      <div
        style={{
          width: 420 * line,
          height: 6,
          borderRadius: 3,
          margin: '10px 0 26px',
          background: `linear-gradient(90deg, ${left}, ${right})`,
        }}
      />
      <div style={{ fontSize: 34, opacity: follow * 0.86, transform: `translateY(${(1 - follow) * 24}px)` }}>
        {subtitle}
      </div>
    </AbsoluteFill>
  );
}
