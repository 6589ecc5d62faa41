/** Words and figures, as in the command. */
export const usd = (amount) =>
  amount === undefined || amount === null ? '–' : `$${amount.toFixed(amount >= 1 ? 2 : 4)}`;

export const percent = (amount) => `${Math.round(amount)} %`;

export function megabytes(bytes) {
  return bytes >= 100_000 ? `${(bytes / 1_000_000).toFixed(2)} MB` : `${(bytes / 1000).toFixed(1)} kB`;
}

/** `9.8 s`, `2 min 5 s`, `1 h 20 min` */
export function duration(milliseconds) {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

/** `12 s ago` */
export function ago(milliseconds) {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} days ago`;
}

export const clock = (at) => new Date(at).toLocaleTimeString([], { hour12: false });

export const dateAndTime = (at) =>
  new Date(at).toLocaleString([], { dateStyle: 'medium', timeStyle: 'medium', hour12: false });

/** `3 calls`, `1 call` */
export const count = (number, noun) => `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;

/** What a status means for a person, and its look. */
export const STATUSES = {
  RUNNING: { word: 'Running', look: 'running', icon: '●' },
  WAITING: { word: 'Waiting', look: 'waiting', icon: '◷' },
  SUCCEEDED: { word: 'Delivered', look: 'done', icon: '✓' },
  FAILED: { word: 'Failed', look: 'failed', icon: '✕' },
  TIMED_OUT: { word: 'Timed out', look: 'failed', icon: '✕' },
  ABORTED: { word: 'Stopped', look: 'stopped', icon: '■' },
  PENDING_REDRIVE: { word: 'To be redriven', look: 'running', icon: '●' },
};

/** An address that may be followed: of the web, and nothing that runs. */
export const safeHref = (address) =>
  typeof address === 'string' && /^https:\/\//.test(address) ? address : undefined;
