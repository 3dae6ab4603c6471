// SPDX-License-Identifier: MIT
//
// Makes a program on which both sides differ smaller, as long as they still differ.

import { walk } from './program.mjs';

const candidatesInAFile = 40;
const roundsAtMost = 60;

const clone = (node) => JSON.parse(JSON.stringify(node));
const zero = { k: 'lit', v: 0 };
const settled = { k: 'resolve', x: zero };

const promises = new Set([
    'pvar', 'pslot', 'rpromise', 'resolve', 'resolveP', 'resolveT', 'reject', 'call', 'iife', 'executor', 'attempt',
    'chain', 'combine', 'later', 'pause', 'step', 'collect',
]);
const numbers = new Set(['lit', 'var', 'islot', 'add']);
const binders = { let: 'int', await: 'int', awaitThenable: 'int', awaitStep: 'int', plet: 'promise', rdecl: 'resolver', iterate: 'iterator' };

function size(program) {
    let count = 0;
    walk(program, () => ++count);
    return count;
}

/// Puts something harmless where a name is used whose declaration has gone, and takes away what has lost its sense.
export function repair(program) {
    const functions = new Set(program.functions.map(({ i }) => i));
    const producers = new Set(program.producers.map(({ i }) => i));

    function block(statements, outer) {
        const scope = { ...outer };
        const kept = [];
        for (const statement of statements) {
            if (lost(statement, scope)) continue;
            kept.push(node(statement, scope));
            if (binders[statement.k]) bind(scope, binders[statement.k], statement.n);
        }
        return kept;
    }
    function bind(scope, type, n) { scope[type] = new Set([...(scope[type] ?? []), n]); }
    const has = (scope, type, n) => scope[type]?.has(n) ?? false;

    function lost({ k, n, i, r, g, step }, scope) {
        switch (k) {
        case 'settle': return (r.k === 'exec' && !has(scope, 'exec', r.n)) || (r.k === 'rvar' && !has(scope, 'resolver', r.n));
        case 'rethrow': return !has(scope, 'error', n);
        case 'logError': return !has(scope, 'error', n) && !has(scope, 'typed', n);
        case 'break':
        case 'continue': return !scope.loop;
        case 'stop':
        case 'prevent': return !scope.event;
        case 'iterate':
        case 'yieldAll':
        case 'forAwait': return !made(g, scope);
        case 'awaitStep': return !has(scope, 'iterator', step.n);
        case 'drain': return !has(scope, 'iterator', i);
        }
        return false;
    }

    /// Whether what is iterated over exists.
    function made(g, scope) {
        return g.k === 'production' ? producers.has(g.i) : g.k !== 'iterator' || has(scope, 'iterator', g.n);
    }

    function node(it, scope) {
        switch (it.k) {
        case 'var': return has(scope, 'int', it.n) ? it : zero;
        case 'pvar': return has(scope, 'promise', it.n) ? it : settled;
        case 'rpromise': return it.r.k === 'rvar' && !has(scope, 'resolver', it.r.n) ? settled : it;
        case 'rvar': return has(scope, 'resolver', it.n) ? it : { k: 'rslot', i: 0 };
        case 'call':
            if (!functions.has(it.i)) return settled;
            break;
        case 'step':
            if (!has(scope, 'iterator', it.n)) return settled;
            break;
        case 'collect':
            if (!made(it.g, scope)) return settled;
            break;
        }
        let inner = scope;
        if (it.k === 'fn') {
            inner = { ...scope, loop: false, event: scope.listener ?? false, listener: false };
            for (const { n, t } of it.params) bind(inner, t, n);
        }
        if (it.k === 'listen' || it.k === 'onabort') inner = { ...scope, listener: true };
        const result = { ...it };
        for (const [key, value] of Object.entries(it)) {
            if (key === 'body' || key === 'other') {
                const here = { ...inner };
                if (it.k === 'tryFinally') here.loop = false;
                if (it.k === 'for' || it.k === 'drain') {
                    here.loop = true;
                    bind(here, 'int', it.n);
                }
                result[key] = block(value, here);
            } else if (key === 'finalizer') {
                result[key] = block(value, inner);
            } else if (key === 'handler') {
                const here = { ...inner };
                bind(here, 'error', it.e);
                result[key] = block(value, here);
            } else if (key !== 'params' && Array.isArray(value)) {
                result[key] = value.map((each) => (each?.k ? node(each, inner) : each));
            } else if (value?.k) {
                result[key] = node(value, inner);
            }
        }
        if (it.k === 'fn' && it.ret !== 'void' && !['return', 'throw'].includes(result.body.at(-1)?.k))
            result.body.push(it.ret === 'bool' ? { k: 'return', a: zero, r: 0 } : { k: 'return', x: zero });
        return result;
    }

    return {
        ...program,
        producers: program.producers.map((each) => node(each, {})),
        functions: program.functions.map((each) => node(each, {})),
        main: block(program.main, {}),
    };
}

/// All small steps that make the program smaller, as functions that change a copy in which nodes bear the marks of the
/// program: so several can be applied to one copy. The coarse ones are of level 0.
function steps(program, level) {
    const made = [];
    const at = (mark, change) => made.push((copy) => {
        let done = false;
        edit(copy, (node) => {
            if (done || node.mark !== mark) return undefined;
            done = true;
            return change(node);
        });
    });
    const drop = (mark) => at(mark, () => []);
    const become = (mark, other) => at(mark, () => clone(other));

    for (const list of [program.functions, program.producers, program.main]) for (const { mark } of list) drop(mark);
    if (level === 0) return made;
    for (const each of [...program.functions, ...program.producers]) for (const { mark } of each.fn.body) drop(mark);
    walk(program, (node) => {
        for (const key of ['body', 'other', 'handler', 'finalizer']) {
            if (!Array.isArray(node[key]) || node.k === 'function') continue;
            for (const { mark } of node[key]) drop(mark);
        }
        if (['try', 'tryFinally', 'for', 'if'].includes(node.k)) at(node.mark, ({ body }) => body);
        if (node.k === 'if' && node.other.length) at(node.mark, ({ other }) => other);
        const inner = inlined(node, program);
        if (inner) become(node.mark, inner);
        if (node.k === 'chain') {
            become(node.mark, node.base);
            for (const { mark } of node.links) drop(mark);
        }
    });
    if (level === 1) return made;
    walk(program, (node) => {
        if (promises.has(node.k) && JSON.stringify(node.x) !== JSON.stringify(zero)) become(node.mark, settled);
        if (node.k === 'add') become(node.mark, node.a);
        if (numbers.has(node.k) && node.v !== 0) become(node.mark, zero);
        if (node.k === 'combine') {
            for (const each of node.xs) drop(each.mark);
            if (node.xs.length === 1 && node.xs[0].k !== 'value') become(node.mark, node.xs[0]);
        }
        if (node.k === 'link' && node.m === 'both') at(node.mark, ({ gn, ...rest }) => ({ ...rest, m: 'then' }));
        if (node.ms > 0) at(node.mark, (it) => ({ ...it, ms: 0 }));
        if (node.times > 1) at(node.mark, (it) => ({ ...it, times: 1 }));
        if (node.once) at(node.mark, (it) => ({ ...it, once: false }));
        if (typeof node.s === 'number' && ['listen', 'pause', 'awaitPause'].includes(node.k)) at(node.mark, (it) => ({ ...it, s: null }));
        if (node.k === 'timeout' && node.x && !node.fn.params.length) at(node.mark, (it) => ({ ...it, x: null }));
        if (node.k === 'sany' && node.xs.length > 1) at(node.mark, (it) => ({ ...it, xs: [it.xs[0]] }));
    });
    for (const kind of Object.keys(program.slots)) {
        if (program.slots[kind] > 0 && !uses(program, kind)) made.push((copy) => void (copy.slots = { ...copy.slots, [kind]: 0 }));
    }
    return made;
}

/// What a function that a statement is given does, to stand in the place of the statement; null if it awaits or returns
/// meanwhile.
function inlined({ k, fn, p }, program) {
    if (['plet', 'pset', 'float', 'await'].includes(k)) {
        fn = p.k === 'call' ? program.functions.find(({ i }) => i === p.i)?.fn : p.fn;
    } else if (!['micro', 'timeout', 'interval', 'listen', 'onabort', 'forAwait'].includes(k)) {
        return null;
    }
    if (!fn) return null;
    const body = fn.body.at(-1)?.k === 'return' ? fn.body.slice(0, -1) : fn.body;
    let leaves = false;
    walk(body.map(withoutFunctions), ({ k: kind }) => {
        if (['return', 'await', 'settled', 'awaitThenable', 'awaitPause', 'awaitStep', 'forAwait', 'drain'].includes(kind)) leaves = true;
    });
    return leaves ? null : body;
}
function withoutFunctions(node) {
    if (Array.isArray(node)) return node.map(withoutFunctions);
    if (!node || typeof node !== 'object') return node;
    if (node.k === 'fn') return null;
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withoutFunctions(value)]));
}

/// Whether the slots of a kind are used; controllers make signals.
function uses(program, kind) {
    const kinds = {
        n: ['islot', 'iset'], p: ['pslot', 'pset'], r: ['rslot', 'rset'], t: ['timeout', 'interval', 'clear'],
        g: ['listen', 'relisten', 'unlisten', 'dispatch'], l: ['listen', 'relisten', 'unlisten'],
    };
    let used = !kinds[kind];
    walk(program, (node) => {
        if (kinds[kind]?.includes(node.k)) used = true;
    });
    if (kind === 's' || kind === 'c') {
        used = false;
        walk(program, (node) => {
            if (typeof node.s === 'number' || typeof node.c === 'number') used = true;
        });
        if (kind === 'c' && program.slots.s > 0) used = true;
    }
    return used;
}

/// Replaces what `change` gives something for: a node, or a list to stand in its place in a list.
function edit(holder, change) {
    for (const [key, value] of Object.entries(holder)) {
        if (Array.isArray(value)) {
            holder[key] = value.flatMap((each) => (each?.k ? change(each) ?? [each] : [each]));
            for (const each of holder[key]) if (each?.k) edit(each, change);
        } else if (value?.k) {
            const other = change(value);
            if (other && !Array.isArray(other)) holder[key] = other;
            edit(holder[key], change);
        }
    }
}

function marked(program) {
    const copy = clone(program);
    let marks = 0;
    walk(copy, (node) => {
        node.mark = ++marks;
    });
    return copy;
}

function applied(program, some) {
    const copy = clone(program);
    for (const step of some) step(copy);
    return repair(copy);
}

/// The candidates on which both sides differ. One that does not compile is none.
async function differing(candidates, machine) {
    const named = candidates.map(({ made }, i) => ({ ...made, seed: `${made.seed}_${i}` }));
    const results = await machine.runInBatches(named, Math.ceil(candidatesInAFile / 2), () => []);
    return candidates.filter((_, i) => results.some(({ program, difference }) => difference && program.seed === named[i].seed));
}

export async function shrink(program, machine) {
    let best = program;
    let level = 0;
    for (let round = 0; round < roundsAtMost && level < 3; ++round) {
        const from = marked(best);
        const now = size(best);
        const seen = new Set();
        const candidates = [];
        for (const step of steps(from, level)) {
            const made = applied(from, [step]);
            const text = machine.javascript(made);
            if (seen.has(text) || text === machine.javascript(best)) continue;
            seen.add(text);
            candidates.push({ made, step });
        }
        const good = await differing(candidates, machine);
        if (!good.length) {
            ++level;
            continue;
        }
        // as many of the good steps at once as still differ
        good.sort((a, b) => size(a.made) - size(b.made));
        const together = [];
        for (let count = good.length; count > 1; count = count >> 1) {
            together.push({ made: applied(from, good.slice(0, count).map(({ step }) => step)) });
        }
        const better = [...(await differing(together, machine)), good[0]];
        best = better.reduce((a, b) => (size(b.made) < size(a.made) ? b : a)).made;
        if (process.stderr.isTTY) process.stderr.write(`\rshrinking ${program.seed}: ${now} -> ${size(best)} nodes   `);
    }
    return best;
}
