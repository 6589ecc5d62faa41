import { useLayoutEffect } from 'react';
import { useCurrentFrame, useDelayRender } from 'remotion';

/** Holds the render of every frame back. */
export function useFrameDelay(milliseconds: number): void {
  const frame = useCurrentFrame();
  const { delayRender, continueRender } = useDelayRender();
  useLayoutEffect(() => {
    if (milliseconds <= 0) return;
    const handle = delayRender(`Frame ${frame} is held back by its props`);
    const timer = setTimeout(() => continueRender(handle), milliseconds);
    return () => {
      clearTimeout(timer);
      continueRender(handle);
    };
  }, [frame, milliseconds, delayRender, continueRender]);
}
