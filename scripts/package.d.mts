/** Builds the package. @returns a folder of its own, which the caller removes, and the program in its folder `package` */
export function layOut(): { folder: string; program: string };
