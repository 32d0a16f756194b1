import { defineConfig } from 'tsdown';

// Split ES modules: a command loads only what it needs. CommonJS that is imported lazily keeps its names only when left outside.
export default defineConfig({
  entry: ['src/cli.ts'],
  format: 'esm',
  outDir: 'dist',
  platform: 'node',
  target: 'node22',
  clean: true,
  dts: false,
  fixedExtension: false,
});
