/** How runs are named: by their start, to the second, and a random part. */
export const runName = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-[0-9a-f]{6}$/;
