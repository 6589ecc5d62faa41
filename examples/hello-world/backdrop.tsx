import { AbsoluteFill, interpolate, useCurrentFrame } from 'remotion';

/** Only the outer rings carry dots: on the inner ones they would run into the text. */
const RINGS = [
  { radius: 190, period: 300, dot: 0 },
  { radius: 295, period: -420, dot: 0 },
  { radius: 415, period: 480, dot: 8 },
  { radius: 530, period: -600, dot: 6 },
  { radius: 640, period: 720, dot: 9 },
];

type Props = { color: string; accentColors: [string, string] };

/** Two drifting glows and, behind the title, dots on their orbits. */
export function Backdrop({ color, accentColors: [left, right] }: Props) {
  const frame = useCurrentFrame();
  const drift = Math.sin(frame / 40) * 6;
  return (
    <AbsoluteFill style={{ backgroundColor: color }}>
      <AbsoluteFill
        style={{
          opacity: interpolate(frame, [0, 20], [0.15, 0.6], { extrapolateRight: 'clamp' }),
          background: [glow(left, 14 + drift, 18 - drift), glow(right, 88 - drift, 86 + drift)].join(', '),
        }}
      />
      <svg viewBox="-640 -360 1280 720" role="presentation">
        {RINGS.map(({ radius, period, dot }, index) => {
          const appear = interpolate(frame, [index * 4, index * 4 + 24], [0, 1], {
            extrapolateLeft: 'clamp',
            extrapolateRight: 'clamp',
          });
          return (
            <g key={radius} transform={`rotate(${(frame / period) * 360 + index * 77})`} opacity={appear}>
              <circle r={radius * (0.9 + 0.1 * appear)} fill="none" stroke="white" strokeOpacity={0.1} />
              <circle cx={radius} r={dot} fill={index % 2 ? right : left} />
              <circle cx={-radius} r={dot * 0.55} fill="white" fillOpacity={0.55} />
            </g>
          );
        })}
      </svg>
    </AbsoluteFill>
  );
}

/** Falls off steeply at first and slowly at last: an even fall shows its edge. */
function glow(color: string, x: number, y: number): string {
  const halfway = `color-mix(in srgb, ${color} 30%, transparent) 45%`;
  return `radial-gradient(ellipse 62% 80% at ${x}% ${y}%, ${color}, ${halfway}, transparent)`;
}
