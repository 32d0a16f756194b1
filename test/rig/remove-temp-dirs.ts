/** Set up before each test file, so that its hook runs after those of the file. */
import { afterAll } from 'vitest';
import { removeTempDirs } from './temp-dir.ts';

afterAll(removeTempDirs);
