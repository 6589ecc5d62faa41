import { Composition } from 'remotion';
import { Certificate } from './certificate.tsx';

const FPS = 30;

export function Root() {
  return (
    <Composition
      id="Certificate"
      component={Certificate}
      width={1280}
      height={720}
      fps={FPS}
      durationInFrames={2 * FPS}
      defaultProps={{
        name: 'Ada Lovelace',
        course: 'Analytical Engines',
        date: '10 December 2026',
        hue: 210,
      }}
    />
  );
}
