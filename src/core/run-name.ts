/** How runs are named: by their start, to the second, and a random part. */
export const runName = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-[0-9a-f]{6}$/;

/** A path into the folder of a run, within a text. */
export const pathIntoRun = /[\w.-]+\/\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-[0-9a-f]{6}\//;
