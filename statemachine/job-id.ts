/** Accepted form of a jobId: it becomes part of object keys. */
export const JOB_ID = /^[A-Za-z0-9][A-Za-z0-9!_.*'()=+@-]{0,127}$/;
