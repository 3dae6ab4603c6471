// SPDX-License-Identifier: MIT
//
// What `run` does: see README.md.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { Machine } from './machine.mjs';
import { makeProgram } from './program.mjs';
import { shrink } from './shrink.mjs';
import { printStatistics } from './statistics.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));

const known = {
    options: {
        seed: { type: 'string', default: '1' },
        programs: { type: 'string', default: '100' },
        batch: { type: 'string', default: '50' },
        compiler: { type: 'string', default: 'clang++-19' },
        flags: { type: 'string', default: '-O0' },
        include: { type: 'string', default: path.resolve(here, '../../include') },
        jobs: { type: 'string', default: String(os.availableParallelism()) },
        keep: { type: 'string' },
        statistics: { type: 'boolean', default: false },
        print: { type: 'boolean', default: false },
        'no-shrink': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
    },
};
let options;
try {
    options = parseArgs(known).values;
} catch (error) {
    console.error(`${error.message}\ntests/fuzz/run --help says what there is.`);
    process.exit(2);
}

if (options.help) {
    console.log(`tests/fuzz/run [option...]

  --seed N          the first seed (1)
  --programs N      how many seeds (100)
  --batch N         how many programs are compiled as one file (50)
  --jobs N          how many files are compiled at once (all cores)
  --compiler NAME   Clang 19 or newer (clang++-19)
  --flags FLAGS     what else it is given (-O0)
  --include DIR     where <rondo/rondo.hpp> is (the include/ of this checkout)
  --keep DIR        where to leave the files, else they are removed
  --print           show the programs, too, and what they print in JavaScript
  --statistics      say what the programs are made of
  --no-shrink       leave those that differ as they are`);
    process.exit(0);
}

const scratch = options.keep ? path.resolve(options.keep) : fs.mkdtempSync(path.join(os.tmpdir(), 'rondo-fuzz-'));
fs.mkdirSync(scratch, { recursive: true });
if (!options.keep) process.on('exit', () => fs.rmSync(scratch, { recursive: true, force: true }));

const machine = new Machine({
    here, scratch, compiler: options.compiler, flags: options.flags, include: path.resolve(options.include),
    jobs: Number(options.jobs),
});
const refusal = machine.refusal();
if (refusal) {
    console.log(refusal);
    process.exit(77);
}

const programs = [];
for (let i = 0; i < Number(options.programs); ++i) programs.push(makeProgram(Number(options.seed) + i));

machine.prepare();
const results = await machine.runInBatches(programs, Number(options.batch));
const differing = results.filter((result) => result.difference);

if (options.print) {
    for (const { program, javascript } of results) console.log(`${machine.javascript(program)}\n${javascript.join('\n')}\n`);
}
if (options.statistics) printStatistics(results);
for (const { program, difference } of differing) console.log(`seed ${program.seed}: ${difference}`);
if (!options['no-shrink']) {
    for (const { program } of differing.slice(0, 3)) {
        const small = await shrink(program, machine);
        const [result] = await machine.run([small]);
        const files = machine.save(small);
        console.log(`\nseed ${program.seed}, made small (${files}): ${result.difference}\n`);
        console.log(`${machine.javascript(small)}\n\n${machine.cplusplus(small)}\n`);
        console.log(`JavaScript:\n${result.javascript.join('\n')}\nC++:\n${result.cplusplus.join('\n')}`);
    }
}
const last = Number(options.seed) + programs.length - 1;
console.log(`${programs.length} programs, seeds ${options.seed} to ${last}: ${differing.length} differ`);
process.exitCode = differing.length ? 1 : 0;
