/** How a render is followed. */
export type Policy =
  /** Our function and definition. */
  | { readonly kind: 'ours'; readonly name: string; readonly maxSecondsBetweenUpdates: number }
  /** The same states in the old order: a wait of always the same length before every look, one read a look. */
  | { readonly kind: 'fixed'; readonly name: string; readonly seconds: number }
  /** A program of one's own that calls Remotion's `getRenderProgress`, each time through Remotion's function. */
  | { readonly kind: 'client'; readonly name: string; readonly seconds: number }
  /** One wait and one look, at the finish. */
  | { readonly kind: 'ideal'; readonly name: string };

export const OURS: Policy = { kind: 'ours', name: 'this workflow', maxSecondsBetweenUpdates: 30 };
export const OURS_AT_120: Policy = {
  kind: 'ours',
  name: 'this workflow, at most 120 s',
  maxSecondsBetweenUpdates: 120,
};
export const FIXED_5: Policy = { kind: 'fixed', name: 'fixed, 5 s', seconds: 5 };

export const POLICIES: readonly Policy[] = [
  OURS,
  OURS_AT_120,
  { kind: 'fixed', name: 'fixed, 1 s', seconds: 1 },
  { kind: 'fixed', name: 'fixed, 2 s', seconds: 2 },
  FIXED_5,
  { kind: 'fixed', name: 'fixed, 10 s', seconds: 10 },
  { kind: 'client', name: "Remotion's client, 1 s", seconds: 1 },
  { kind: 'ideal', name: 'ideal' },
];
