import { useRef, useState } from 'preact/hooks';

/** A list as it is told, and what takes it from the live connection. `version` counts the changes, from 0: not told. */
export function useListed() {
  const known = useRef(new Map());
  const [{ version, trouble }, setState] = useState({ version: 0 });
  const onChange = ({ isWhole, items, trouble: newTrouble }) => {
    if (isWhole) known.current.clear();
    for (const item of items) known.current.set(item.name, item);
    setState((before) => ({ version: before.version + 1, trouble: newTrouble }));
  };
  return [{ all: known.current, version, trouble }, onChange];
}
