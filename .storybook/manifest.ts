import type {ArgTypes} from '@storybook/web-components-vite';

/** What is read of a custom elements manifest. */
export interface Manifest {
  readonly modules: readonly {readonly declarations: readonly Declaration[]}[];
}

interface Named {
  readonly name: string;
  readonly description?: string;
}

interface Member extends Named {
  readonly kind: string;
  readonly attribute?: string;
  readonly parameters?: readonly (Named & {readonly type?: {readonly text: string}})[];
  readonly return?: {readonly type: {readonly text: string}};
}

interface Declaration {
  readonly tagName?: string;
  readonly members?: readonly Member[];
  readonly slots?: readonly Named[];
  readonly cssParts?: readonly Named[];
  readonly cssStates?: readonly Named[];
}

/**
 * The manifest with names that tell their kind. Storybook's table keeps one row a name, so that a part
 * and a property called `error` would overwrite each other.
 */
export function forStorybook(manifest: Manifest): Manifest {
  return {
    ...manifest,
    modules: manifest.modules.map((module) => ({
      ...module,
      declarations: module.declarations.map((declaration) => ({
        ...declaration,
        // Attributes have rows of their own already.
        members: declaration.members?.filter(({attribute}) => attribute === undefined) ?? [],
        slots: renamed(declaration.slots, (name) => (name ? `slot="${name}"` : 'default slot')),
        cssParts: renamed(declaration.cssParts, (name) => `::part(${name})`),
      })),
    })),
  };
}

/** The rows that Storybook does not make: methods and states. */
export function moreRows(manifest: Manifest, tag: string): ArgTypes {
  const declarations = manifest.modules.flatMap((module) => module.declarations);
  const found = declarations.find(({tagName}) => tagName === tag);
  const methods = (found?.members ?? []).filter(({kind}) => kind === 'method');
  return Object.fromEntries([
    ...methods.map((method) =>
      row(signature(method), method, 'methods', method.return?.type.text ?? 'void'),
    ),
    ...(found?.cssStates ?? []).map((state) => row(`:state(${state.name})`, state, 'states')),
  ]);
}

function renamed(list: readonly Named[] = [], title: (name: string) => string): Named[] {
  return list.map((each) => ({...each, name: title(each.name)}));
}

function signature({name, parameters = []}: Member): string {
  return `${name}(${parameters.map((each) => each.name).join(', ')})`;
}

function row(
  name: string,
  {description = ''}: Named,
  category: string,
  type?: string,
): [string, ArgTypes[string]] {
  const table = {category, ...(type ? {type: {summary: type}} : {})};
  return [name, {name, description, table, control: false}];
}
