// SPDX-License-Identifier: MIT
//
// Compiles and runs programs on both sides.

import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import { printCplusplus } from './cplusplus.mjs';
import { printJavaScript } from './javascript.mjs';

const secondsToCompile = 900;
const secondsToRun = 60;

/// Runs a command, and says what it printed and how it ended.
function execute(command, args, seconds) {
    return new Promise((done) => {
        const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
        const out = [];
        const err = [];
        child.stdout.on('data', (data) => out.push(data));
        child.stderr.on('data', (data) => err.push(data));
        const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
        child.on('error', (error) => err.push(Buffer.from(String(error))));
        child.on('close', (code, signal) => {
            clearTimeout(timer);
            done({ code, signal, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() });
        });
    });
}

/// The lines of each program, by its seed, of what runs `=== seed`, lines, `--- seed`. `begun` is the last one that
/// began and did not end.
function parse(text) {
    const lines = new Map();
    let begun = null;
    for (const line of text.split('\n')) {
        if (line.startsWith('=== ')) {
            begun = line.slice(4);
            lines.set(begun, []);
        } else if (line.startsWith('--- ')) {
            begun = null;
        } else if (begun !== null && line !== '') {
            lines.get(begun).push(line);
        }
    }
    return { lines, begun };
}

export class Machine {
    constructor({ here, scratch, compiler, flags, include, jobs }) {
        Object.assign(this, { here, scratch, compiler, include, jobs });
        this.flags = ['-std=c++20', '-w', '-pthread', ...flags.split(' ').filter(Boolean)];
        this.files = 0;
    }

    /// Why nothing can be compiled here, or null.
    refusal() {
        const { status, stdout } = spawnSync(this.compiler, ['--version'], { encoding: 'utf8' });
        if (status !== 0) return `There is no ${this.compiler}.`;
        const clang = /clang version (\d+)/.exec(stdout);
        if (!clang) return `${this.compiler} is no Clang; GCC 12 compiles captures in awaited expressions wrongly.`;
        return Number(clang[1]) < 19 ? `${this.compiler} is older than Clang 19.` : null;
    }

    /// What all files begin with is compiled once.
    prepare() {
        this.header = path.join(this.scratch, 'prelude.pch');
        const args = [...this.flags, '-I', this.include, '-x', 'c++-header', path.join(this.here, 'prelude.hpp'), '-o', this.header];
        const { status, stderr } = spawnSync(this.compiler, args, { encoding: 'utf8' });
        if (status !== 0) throw new Error(`prelude.hpp does not compile:\n${stderr}`);
    }

    javascript(program) { return printJavaScript(program); }
    cplusplus(program) { return printCplusplus(program); }

    write(programs, name) {
        const prelude = JSON.stringify(path.join(this.here, 'prelude.mjs'));
        const entries = programs.map((program) => `['${program.seed}', ${this.javascript(program)}],`);
        fs.writeFileSync(path.join(this.scratch, `${name}.mjs`), `import { runAll } from ${prelude};

const print = (seed, lines) => console.log([\`=== \${seed}\`, ...lines, \`--- \${seed}\`].join('\\n'));
await runAll([
${entries.join('\n')}
], print);
`);
        fs.writeFileSync(path.join(this.scratch, `${name}.cpp`), `#include "prelude.hpp"

namespace fuzz {

${programs.map((program) => this.cplusplus(program)).join('\n')}

}

int main(int, char** arguments) {
    using namespace fuzz;
    runAll({
${programs.map(({ seed }) => `        {"${seed}", &run<Program${seed}>},`).join('\n')}
    }, std::strtoul(arguments[1], nullptr, 10));
}
`);
        return path.join(this.scratch, name);
    }

    /// Writes one program as two files to look at, and says where they are.
    save(program) {
        const base = this.write([program], `seed_${program.seed}`);
        return `${base}.{mjs,cpp}`;
    }

    /// Compiles and runs them, some files at once. `failed` says what stands for a file that does not compile.
    async runInBatches(programs, size, failed = null) {
        const batches = [];
        for (let i = 0; i < programs.length; i += size) batches.push(programs.slice(i, i + size));
        const results = batches.map(() => []);
        let next = 0;
        const work = async () => {
            while (next < batches.length) {
                const at = next++;
                try {
                    results[at] = await this.run(batches[at]);
                } catch (error) {
                    if (!failed) throw error;
                    results[at] = batches[at].length > 1 ? await this.runInBatches(batches[at], 1, failed) : failed(error);
                }
            }
        };
        await Promise.all(Array.from({ length: this.jobs }, work));
        return results.flat();
    }

    /// For each program: what it printed on both sides, and how they differ, or null.
    async run(programs) {
        const base = this.write(programs, `batch_${++this.files}`);
        const node = await execute(process.execPath, [`${base}.mjs`], secondsToRun);
        const { lines: javascript, begun } = parse(node.out);
        if (node.code !== 0 || begun !== null || javascript.size !== programs.length)
            throw new Error(`${base}.mjs ended with ${node.code ?? node.signal}:\n${node.err}`);
        const cplusplus = await this.runCompiled(base, programs);
        fs.rmSync(base, { force: true });
        return programs.map((program) => {
            const seed = program.seed.toString();
            const result = { program, javascript: javascript.get(seed), cplusplus: cplusplus.get(seed) };
            return { ...result, difference: difference(result) };
        });
    }

    async runCompiled(base, programs) {
        const args = [...this.flags, '-include-pch', this.header, '-I', this.include, '-I', this.here, `${base}.cpp`, '-o', base];
        const compiled = await execute(this.compiler, args, secondsToCompile);
        if (compiled.code !== 0) throw new Error(`${base}.cpp does not compile:\n${compiled.err.slice(0, 4000)}`);
        const lines = new Map();
        for (let first = 0; first < programs.length;) {
            const ran = await execute(base, [String(first)], secondsToRun);
            const { lines: more, begun } = parse(ran.out);
            for (const [seed, some] of more) lines.set(seed, some);
            const ended = begun !== null ? begun : ran.code !== 0 ? [...more.keys()].at(-1) : null;
            if (ended === null || ended === undefined) {
                if (ran.code !== 0) throw new Error(`${base} ended with ${ran.code ?? ran.signal}:\n${ran.err}`);
                break;
            }
            const said = ran.err.split('\n').filter(Boolean).slice(0, 12).join('\n');
            lines.get(ended).push(`ended with ${ran.code ?? ran.signal}: ${said}`);
            first = programs.findIndex(({ seed }) => seed.toString() === ended) + 1;
        }
        return lines;
    }
}

/// The first line that is not the same, or null.
function difference({ javascript, cplusplus }) {
    for (let i = 0; i < Math.max(javascript.length, cplusplus.length); ++i) {
        if (javascript[i] === cplusplus[i]) continue;
        const said = (line) => (line === undefined ? 'the end' : `"${line}"`);
        return `line ${i + 1}: ${said(javascript[i])} in JavaScript, ${said(cplusplus[i])} in C++`;
    }
    return null;
}
