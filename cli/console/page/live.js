import { useEffect, useRef, useState } from 'preact/hooks';

/**
 * Keeps one live connection, which resumes by itself. Calls `on[event]` with what comes.
 * Returns `live`, `lost`, or `connecting`.
 */
export function useLive(query, on) {
  const [state, setState] = useState('connecting');
  const handlers = useRef(on);
  handlers.current = on;
  useEffect(() => {
    if (query === '') return undefined;
    let source;
    let timer;
    const open = () => {
      source = new EventSource(`./api/live?${query}`);
      source.onopen = () => setState('live');
      source.onerror = () => {
        setState('lost');
        // A browser gives up on a server that answers with an error: another one may be at its place.
        if (source.readyState !== EventSource.CLOSED) return;
        clearTimeout(timer);
        timer = setTimeout(open, 2000);
      };
      for (const event of ['renders', 'batches', 'render', 'batch', 'calls'])
        source.addEventListener(event, ({ data }) => handlers.current[event]?.(JSON.parse(data)));
    };
    const close = () => {
      clearTimeout(timer);
      source?.close();
    };
    // A browser has few connections to one server: a tab that nobody sees gives its own back.
    const turn = () => {
      close();
      if (!document.hidden) open();
    };
    document.addEventListener('visibilitychange', turn);
    turn();
    return () => {
      document.removeEventListener('visibilitychange', turn);
      close();
    };
  }, [query]);
  return state;
}

/** The time, in milliseconds since 1970, anew as often as asked for. */
export function useNow(intervalInMs) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), intervalInMs);
    return () => clearInterval(timer);
  }, [intervalInMs]);
  return now;
}
