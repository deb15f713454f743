/** What Storybook reads of a custom elements manifest. */
interface Manifest {
  readonly modules: readonly {readonly declarations: readonly Declaration[]}[];
}

type Declaration = Readonly<Record<string, unknown>>;

interface Named {
  readonly name: string;
}

const titles: Readonly<Record<string, (name: string) => string>> = {
  slots: (name) => (name ? `slot="${name}"` : 'default slot'),
  cssParts: (name) => `::part(${name})`,
  cssStates: (name) => `:state(${name})`,
};

/**
 * The manifest with names that tell their kind. Storybook's table keeps one row a name, so that a part,
 * a state and a property called `error` would overwrite each other.
 */
export function forStorybook(manifest: Manifest): Manifest {
  return {
    ...manifest,
    modules: manifest.modules.map((module) => ({
      ...module,
      declarations: module.declarations.map(titled),
    })),
  };
}

function titled(declaration: Declaration): Declaration {
  const entries = Object.entries(titles).map(([key, title]) => {
    const list = (declaration[key] ?? []) as readonly Named[];
    return [key, list.map((each) => ({...each, name: title(each.name)}))] as const;
  });
  return {...declaration, ...Object.fromEntries(entries), members: fields(declaration)};
}

/** Attributes have rows of their own already. */
function fields(declaration: Declaration): readonly unknown[] {
  const members = (declaration.members ?? []) as readonly {attribute?: string}[];
  return members.filter(({attribute}) => attribute === undefined);
}
