const POINTS = 24;

/** A seal that is pressed on. @param shown from 0 to 1 */
export function Seal({ hue, shown }: { readonly hue: number; readonly shown: number }) {
  const edge = Array.from({ length: POINTS * 2 }, (_, i) => {
    const angle = (i / (POINTS * 2)) * 2 * Math.PI;
    const radius = i % 2 === 0 ? 62 : 55;
    return `${70 + radius * Math.cos(angle)},${70 + radius * Math.sin(angle)}`;
  });
  const turned = { opacity: shown, transform: `scale(${1.6 - 0.6 * shown}) rotate(${(1 - shown) * -40}deg)` };
  return (
    <svg width={140} height={140} style={turned}>
      <title>Seal</title>
      <polygon points={edge.join(' ')} fill={`hsl(${hue} 60% 42%)`} />
      <circle cx={70} cy={70} r={44} fill="none" stroke="#fff" strokeOpacity={0.8} strokeWidth={2} />
      <path
        d="M50 71 L64 85 L92 55"
        fill="none"
        stroke="#fff"
        strokeWidth={9}
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
