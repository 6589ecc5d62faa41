import { Composition } from 'remotion';
import { HelloWorld } from './hello-world.tsx';
import { defaultProps, type HelloWorldProps } from './props.ts';

const FPS = 30;

export function Root() {
  return (
    <Composition
      id="HelloWorld"
      component={HelloWorld}
      width={1280}
      height={720}
      fps={FPS}
      durationInFrames={defaultProps.durationInSeconds * FPS}
      defaultProps={defaultProps}
      calculateMetadata={({ props }: { props: HelloWorldProps }) => ({
        durationInFrames: Math.max(1, Math.round(props.durationInSeconds * FPS)),
      })}
    />
  );
}
