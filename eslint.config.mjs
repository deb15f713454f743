import js from '@eslint/js';
import {createNodeResolver, importX} from 'eslint-plugin-import-x';
import {configs as lit} from 'eslint-plugin-lit';
import {defineConfig, globalIgnores} from 'eslint/config';
import tseslint from 'typescript-eslint';
import {rule as rooms} from './scripts/rooms.mjs';

const shipped = ['src/**/*.ts', 'components/**/*.ts', 'workers/**/*.ts'];

// Scripts run in Node, and hand functions to pages.
const names = [
  ...Object.getOwnPropertyNames(globalThis),
  ...['document', 'window', 'location', 'customElements', 'requestAnimationFrame', 'localStorage'],
  ...['createImageBitmap', 'getComputedStyle', 'matchMedia', 'OffscreenCanvas', 'ImageData'],
  ...['Image', 'HTMLElement', 'Worker', 'ResizeObserver', 'PerformanceObserver', 'caches'],
  ...['navigator', 'crossOriginIsolated'],
];

const houseSyntax = [
  {selector: 'TSEnumDeclaration', message: 'A union of literals, not an enum.'},
  {
    // Decorated fields cannot be #private.
    selector:
      ':matches(PropertyDefinition, MethodDefinition)[accessibility="private"]' +
      '[kind!="constructor"]:not(:has(> Decorator))',
    message: 'Use #private: it is private at run time too.',
  },
];

export default defineConfig(
  globalIgnores([
    'dist/',
    'build/',
    'coverage/',
    'stories/assets/',
    'models/*/train/',
    'test/apps/*/',
  ]),
  {linterOptions: {reportUnusedDisableDirectives: 'error'}},
  js.configs.recommended,
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: {
      globals: Object.fromEntries(names.map((name) => [name, 'readonly'])),
    },
    rules: {'no-unused-vars': ['error', {ignoreRestSiblings: true}]},
  },
  {
    // Their functions run in pages, with what the pages define.
    files: ['test/e2e/**', 'test/bench/**'],
    rules: {'no-undef': 'off'},
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {projectService: true, tsconfigRootDir: import.meta.dirname},
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', {disallowTypeAnnotations: false}],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // Arrow shorthands that return void and `void promise` are the house's way.
      '@typescript-eslint/no-confusing-void-expression': ['error', {ignoreArrowShorthand: true}],
      // noUncheckedIndexedAccess asks for it in every loop over numbers.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Numbers in messages are meant.
      '@typescript-eslint/restrict-template-expressions': ['error', {allowNumber: true}],
      'no-restricted-syntax': ['error', ...houseSyntax],
    },
  },
  {
    files: ['**/*.ts', '**/*.mjs'],
    plugins: {'import-x': importX, house: {rules: {rooms}}},
    settings: {
      'import-x/resolver-next': [
        createNodeResolver({extensionAlias: {'.js': ['.ts', '.js'], '.mjs': ['.mjs']}}),
      ],
      'import-x/extensions': ['.ts', '.mjs', '.js'],
      'import-x/parsers': {'@typescript-eslint/parser': ['.ts']},
    },
    rules: {
      'house/rooms': ['error', import.meta.dirname],
      'import-x/first': 'error',
      'import-x/no-duplicates': 'error',
      'import-x/no-self-import': 'error',
      'import-x/no-useless-path-segments': 'error',
    },
  },
  {
    files: shipped,
    rules: {
      'import-x/no-default-export': 'error',
      // What is shipped runs on what is installed with it.
      'import-x/no-extraneous-dependencies': ['error', {devDependencies: false}],
      'no-console': 'error',
    },
  },
  {
    // These are shipped as bundles: what they are made of is installed by nobody but us.
    files: ['workers/**/*.ts', 'src/cli/**/*.ts'],
    rules: {'import-x/no-extraneous-dependencies': ['error', {devDependencies: true}]},
  },
  {
    files: ['components/**/*.ts', 'stories/**/*.ts'],
    extends: [lit['flat/recommended']],
  },
  {
    // Tests reach into what may be missing, and stub what is typed strictly.
    files: ['test/**/*.ts'],
    rules: {
      'no-loss-of-precision': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
      '@typescript-eslint/use-unknown-in-catch-callback-variable': 'off',
      '@typescript-eslint/no-floating-promises': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
    },
  },
);
