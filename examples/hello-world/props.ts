/** The input props of the composition `HelloWorld`; each has a default. Colours are CSS colours. */
export type HelloWorldProps = {
  title: string;
  subtitle: string;
  backgroundColor: string;
  textColor: string;
  /** The two colours of the glow, the line and the chunks, from left to right. */
  accentColors: [string, string];
  /** Length of the video; ask for a longer one to see more chunks at work. */
  durationInSeconds: number;
  withSound: boolean;
  /** Holds every frame back for so long: a render that takes its time. */
  delayPerFrameInMilliseconds: number;
  /** Throws at this frame, to see what a failed render looks like; `null` for none. */
  failAtFrame: number | null;
};

export const defaultProps: HelloWorldProps = {
  title: 'Hello, World',
  subtitle: 'Rendered in parallel. Delivered as one video.',
  backgroundColor: '#0a0e1f',
  textColor: '#f5f7ff',
  accentColors: ['#5b8cff', '#ff5fa2'],
  durationInSeconds: 4,
  withSound: true,
  delayPerFrameInMilliseconds: 0,
  failAtFrame: null,
};
