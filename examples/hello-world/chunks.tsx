import { AbsoluteFill, Easing, interpolate, interpolateColors, useCurrentFrame } from 'remotion';

/** The frames in which each chunk is rendered: they start together, and the slowest decides. */
const SCHEDULE: [from: number, to: number][] = [
  [16, 46],
  [18, 58],
  [16, 40],
  [20, 62],
  [17, 50],
  [19, 43],
  [16, 55],
  [18, 48],
];
const COUNT = SCHEDULE.length;
const WIDTH = 1040;
const GAP = 16;
const MERGE = [66, 80] as const;

type Props = { accentColors: [string, string] };

/** What a render on Lambda does: chunks fill side by side, each at its own pace, and become one video. */
export function Chunks({ accentColors }: Props) {
  const frame = useCurrentFrame();
  const apart = 1 - ease(frame, MERGE[0], MERGE[1]);
  const played = ease(frame, MERGE[1], MERGE[1] + 36);
  const gap = GAP * apart;

  return (
    <AbsoluteFill style={{ alignItems: 'center', justifyContent: 'flex-end', paddingBottom: 84 }}>
      <div style={{ position: 'relative', width: WIDTH, height: 20, opacity: ease(frame, 8, 20) }}>
        <div style={{ display: 'flex', gap, height: '100%', borderRadius: 10, overflow: 'hidden' }}>
          {SCHEDULE.map(([from, to], index) => (
            <div
              key={`${from}-${to}`}
              style={{
                flex: 1,
                borderRadius: 10 * apart,
                overflow: 'hidden',
                backgroundColor: 'rgba(255, 255, 255, 0.13)',
              }}
            >
              <div
                style={{
                  width: `${100 * ease(frame, from, to)}%`,
                  height: '100%',
                  background: `linear-gradient(90deg, ${shade(index, accentColors)}, ${shade(index + 1, accentColors)})`,
                }}
              />
            </div>
          ))}
        </div>
        <div
          style={{
            position: 'absolute',
            left: WIDTH * played - 17,
            top: -7,
            width: 34,
            height: 34,
            borderRadius: 17,
            backgroundColor: 'white',
            boxShadow: '0 4px 18px rgba(0, 0, 0, 0.45)',
            transform: `scale(${1 - apart})`,
          }}
        />
      </div>
    </AbsoluteFill>
  );
}

function ease(frame: number, from: number, to: number): number {
  return interpolate(frame, [from, to], [0, 1], {
    extrapolateLeft: 'clamp',
    extrapolateRight: 'clamp',
    easing: Easing.inOut(Easing.cubic),
  });
}

function shade(position: number, accentColors: [string, string]): string {
  return interpolateColors(position, [0, COUNT], accentColors);
}
