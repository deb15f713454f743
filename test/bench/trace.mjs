/**
 * The longest task of the page's main thread in a Chromium trace, and the one that took the processor
 * longest, in milliseconds: on a busy machine a task waits for a core too.
 */
export function longestTask(trace) {
  const {traceEvents} = JSON.parse(trace);
  const renderers = traceEvents.filter(
    ({name, args}) => name === 'thread_name' && args.name === 'CrRendererMain',
  );
  const isMain = ({pid, tid}) => renderers.some((main) => main.pid === pid && main.tid === tid);
  const found = {wall: 0, cpu: 0};
  for (const event of traceEvents) {
    if (event.ph !== 'X' || !/RunTask$/.test(event.name) || !isMain(event)) continue;
    found.wall = Math.max(found.wall, event.dur / 1000);
    found.cpu = Math.max(found.cpu, (event.tdur ?? 0) / 1000);
  }
  return found;
}

/** What `longestTask` reads. */
export const TRACE_CATEGORIES = ['toplevel', 'disabled-by-default-toplevel'];
