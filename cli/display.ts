import { stripVTControlCharacters } from 'node:util';
import ora from 'ora';

/** Shows on stderr what happens: a line that changes in a terminal, a line a change elsewhere. */
export interface Display {
  /** Characters that a line of a terminal has. */
  readonly columns: number | undefined;
  /**
   * Shows what is being done.
   *
   * @param aside What changes all the time, for a terminal only.
   */
  working(what: string, aside?: string): void;
  /** Shows that something was done. */
  done(what: string): void;
  failed(what: string): void;
  /** Shows what is neither done nor failed. */
  note(what: string): void;
  /** Takes the line that changes away, for a question or for output on stdout. */
  pause(): void;
}

export function createDisplay(stream: NodeJS.WriteStream = process.stderr): Display {
  // A terminal of no width, as some build machines have it, would be drawn on for ever.
  if (!stream.isTTY || !stream.columns) {
    let last = '';
    const write = (mark: string) => (what: string) => {
      const line = `${mark} ${stripVTControlCharacters(what)}`;
      if (line !== last) stream.write(`${line}\n`);
      last = line;
    };
    return {
      columns: undefined,
      working: write('-'),
      done: write('✔'),
      failed: write('✖'),
      note: write('ℹ'),
      pause: () => {},
    };
  }
  // Ctrl-C has to reach the process: ora would swallow it.
  const spinner = ora({ stream, discardStdin: false });
  return {
    get columns() {
      return stream.columns;
    },
    working: (what, aside) => void spinner.start(aside ? `${what}  ${aside}` : what),
    done: (what) => void spinner.succeed(what),
    failed: (what) => void spinner.fail(what),
    note: (what) => void spinner.info(what),
    pause: () => void spinner.stop(),
  };
}
