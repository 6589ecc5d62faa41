const ENDINGS = { one: 'st', two: 'nd', few: 'rd' };
const ordinals = new Intl.PluralRules('en', { type: 'ordinal' });

/** Where those stand that wait for their turn, by their names: `7th of 12`, in the order of the line. */
export function places(renders) {
  const line = renders
    .filter(({ status, ticket }) => status === 'RUNNING' && ticket !== undefined)
    .sort((a, b) => (a.ticket < b.ticket ? -1 : 1));
  return new Map(
    line.map(({ name }, index) => [
      name,
      `${index + 1}${ENDINGS[ordinals.select(index + 1)] ?? 'th'} of ${line.length}`,
    ]),
  );
}
