/** Their English names, in small letters. */
export const months = 'january february march april may june july august september october november december'.split(
  ' ',
);
