/** The file descriptor on which an application under `asphalt dev` tells which files it consists of, one a line. */
export const reportPipe = 3;
