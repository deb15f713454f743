/** A page of docs/ as Storybook shows it: its links lead to the documentation that is built beside the stories. */
export function page(text: string): string {
  return text.replace(
    /\]\((?!https?:|#)([^)#]+)(#[^)]*)?\)/g,
    (_, path: string, hash = '') => `](${urlOf(path)}${String(hash)})`,
  );
}

function urlOf(path: string): string {
  const {pathname} = new URL(path, 'file:///docs/');
  return `docs-site${pathname.replace(/\.md$/, '.html')}`;
}
