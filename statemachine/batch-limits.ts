/** Bytes of a table: all of it is read and checked within a quarter of an hour. */
export const MAX_TABLE_BYTES = 256 * 1024 ** 2;

/** Rows of a table: a hundred thousand renders are as much as anybody wants to stop or to read the results of at once. */
export const MAX_ROWS = 100_000;
