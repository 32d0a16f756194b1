/** Stands in an expression where a variable stood whose value is not known; a metric or value that holds it cannot be judged. */
export const standIn = 'zzvariablezz';
