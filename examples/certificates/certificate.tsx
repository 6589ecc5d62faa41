import { AbsoluteFill, Easing, interpolate, useCurrentFrame } from 'remotion';
import { Seal } from './seal.tsx';

// A type, as Remotion's props are records.
export type CertificateProps = {
  readonly name: string;
  readonly course: string;
  readonly date: string;
  /** Of ink and seal, in degrees of the colour wheel. */
  readonly hue: number;
};

const SERIF = 'Georgia, "Times New Roman", "DejaVu Serif", serif';
const SANS = '"Helvetica Neue", Arial, "DejaVu Sans", sans-serif';

/** From 0 to 1 between two frames, slowing down. */
function progress(frame: number, from: number, to: number): number {
  const clamped = { extrapolateLeft: 'clamp', extrapolateRight: 'clamp' } as const;
  return interpolate(frame, [from, to], [0, 1], { ...clamped, easing: Easing.out(Easing.cubic) });
}

export function Certificate({ name, course, date, hue }: CertificateProps) {
  const frame = useCurrentFrame();
  const ink = `hsl(${hue} 45% 22%)`;
  const border = progress(frame, 0, 24);
  const rise = (from: number) => {
    const shown = progress(frame, from, from + 14);
    return { opacity: shown, transform: `translateY(${(1 - shown) * 18}px)` };
  };
  return (
    <AbsoluteFill style={{ background: '#fbf7ec', color: ink }}>
      <svg width={1280} height={720} style={{ position: 'absolute' }}>
        <title>Border</title>
        {[36, 48].map((inset) => (
          <rect
            key={inset}
            x={inset}
            y={inset}
            width={1280 - 2 * inset}
            height={720 - 2 * inset}
            rx={6}
            fill="none"
            stroke={ink}
            strokeWidth={inset === 36 ? 4 : 1}
            pathLength={1}
            strokeDasharray={1}
            strokeDashoffset={1 - border}
          />
        ))}
      </svg>
      <AbsoluteFill style={{ alignItems: 'center', paddingTop: 112, textAlign: 'center' }}>
        <div style={{ ...rise(4), font: `600 22px ${SANS}`, letterSpacing: 10 }}>CERTIFICATE</div>
        <div style={{ ...rise(8), font: `italic 26px ${SERIF}`, marginTop: 44 }}>This is to say that</div>
        <div style={{ ...rise(12), font: `76px ${SERIF}`, marginTop: 18 }}>{name}</div>
        <div style={{ width: 520 * progress(frame, 14, 32), height: 2, background: ink, marginTop: 14 }} />
        <div style={{ ...rise(18), font: `italic 26px ${SERIF}`, marginTop: 30 }}>
          has completed the course
        </div>
        <div style={{ ...rise(22), font: `40px ${SERIF}`, marginTop: 14 }}>{course}</div>
      </AbsoluteFill>
      <div style={{ ...rise(26), position: 'absolute', left: 130, bottom: 108, font: `20px ${SANS}` }}>
        {date}
      </div>
      <div style={{ position: 'absolute', right: 120, bottom: 84 }}>
        <Seal hue={hue} shown={progress(frame, 26, 44)} />
      </div>
    </AbsoluteFill>
  );
}
