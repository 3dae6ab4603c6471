// SPDX-License-Identifier: MIT
//
// What random programs are made of, and whether they say enough to tell a right engine from a wrong one.

import { walk } from './program.mjs';

export function printStatistics(results) {
    const count = new Map();
    const inPrograms = new Map();
    let statements = 0;
    for (const { program } of results) {
        const here = new Set();
        walk(program, (node) => {
            const name = node.m && node.k !== 'error' ? `${node.k} ${node.m}` : node.how ? `${node.k} ${node.how}` : node.k;
            count.set(name, (count.get(name) ?? 0) + 1);
            here.add(name);
            ++statements;
        });
        for (const name of here) inPrograms.set(name, (inPrograms.get(name) ?? 0) + 1);
    }
    const lengths = results.map(({ javascript }) => javascript.length).sort((a, b) => a - b);
    const share = (predicate) => `${Math.round((100 * results.filter(predicate).length) / results.length)} %`;
    const marked = (mark) => share(({ javascript }) => javascript.some((line) => mark.test(line)));
    console.log(`programs: ${results.length}, of ${Math.round(statements / results.length)} nodes each`);
    console.log(`lines: median ${lengths[lengths.length >> 1]}, most ${lengths.at(-1)}; 5 or more: ${share(({ javascript }) => javascript.length >= 5)}`);
    console.log(`with an unhandled rejection: ${marked(/ unhandled /)}, handled late: ${marked(/ handled late /)}, an error reported: ${marked(/ error /)}`);
    console.log(`lines that other tasks print: ${share(({ javascript }) => javascript.some((line) => !line.startsWith('0ms')))} of the programs`);
    for (const [name, many] of [...count].sort((a, b) => b[1] - a[1]))
        console.log(`${String(many).padStart(8)} in ${String(inPrograms.get(name)).padStart(5)} programs: ${name}`);
}
