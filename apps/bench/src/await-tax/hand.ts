export async function request<R>(handle: () => Promise<R>): Promise<R> {
  return handle();
}
