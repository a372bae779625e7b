/**
 * Builds each small app as its framework's users build theirs: `node build.mjs MODULES OUT`. MODULES is the folder that the
 * packages were installed into.
 */
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const [modules, out] = process.argv.slice(2).map((folder) => resolve(folder));
const require = createRequire(join(modules, 'x.js'));
const { build } = require('esbuild');
const { compile } = require('svelte/compiler');
const apps = join(import.meta.dirname, 'apps');

const svelte = {
  name: 'svelte',
  setup(esbuild) {
    esbuild.onLoad({ filter: /\.svelte$/ }, async ({ path }) => {
      const { js } = compile(await readFile(path, 'utf8'), { generate: 'client', filename: path });
      return { contents: js.code, resolveDir: apps };
    });
  },
};

await build({
  entryPoints: ['react', 'vue', 'svelte', 'lit'].map((name) => join(apps, `${name}.js`)),
  outdir: out,
  bundle: true,
  format: 'esm',
  conditions: ['browser', 'production'],
  define: {
    'process.env.NODE_ENV': '"production"',
    __VUE_OPTIONS_API__: 'true',
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
  },
  nodePaths: [join(modules, 'node_modules')],
  plugins: [svelte],
});
