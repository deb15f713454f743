// The working directory lies inside another package, which is no part of this app.
const root = import.meta.dirname;

export default {output: 'export', outputFileTracingRoot: root, turbopack: {root}};
