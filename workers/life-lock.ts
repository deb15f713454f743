/** Takes a lock that comes free only when this worker ends; whether it could, once it is held. */
export function holdForLife(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const refused = (): void => {
      resolve(false);
    };
    // Plain-http pages have no locks, and sandboxed or storage-less frames are refused them: there
    // only the worker's own error events tell of its end.
    const locks = (navigator as Partial<WorkerNavigator>).locks;
    if (!locks) refused();
    locks
      ?.request(name, () => {
        resolve(true);
        return new Promise(() => undefined);
      })
      .catch(refused);
  });
}
