export class PictureError extends Error {
  constructor(
    readonly file: string,
    options?: ErrorOptions,
  ) {
    super(`cannot read ${file}`, options);
  }
}
