// SPDX-License-Identifier: MIT
//
// Prints a program as JavaScript: an expression, a function that takes what `prelude.mjs` gives it and returns `main`.

const typeOf = ['x', 'y'];

class Printer {
    constructor() {
        this.lines = [];
        this.depth = 1;
    }

    line(text) { this.lines.push('    '.repeat(this.depth) + text); }

    program({ slots, functions, producers, main, seed }) {
        this.depth = 0;
        this.line(`(rt) => { // seed ${seed}`);
        ++this.depth;
        this.line('const { log, describe, setTimeout, setInterval, clearTimeout, queueMicrotask } = rt;');
        this.line('const { EventTarget, Event, AbortController, AbortSignal, dispatch, listen } = rt;');
        this.line('const { all, allSettled, delay, later, withResolvers, attempt, beats, step, logStep, list, forAwait, fromAsync } = rt;');
        const initial = {
            n: () => '0',
            p: (i) => `Promise.resolve(${i})`,
            r: () => 'withResolvers()',
            g: () => 'new EventTarget()',
            c: () => 'new AbortController()',
            s: (i) => `c${i % slots.c}.signal`,
        };
        for (const [kind, count] of Object.entries(slots)) {
            for (let i = 0; i < count; ++i) this.line(`let ${kind}${i}${initial[kind] ? ` = ${initial[kind](i)}` : ''};`);
        }
        for (const { i, fn } of producers) this.line(`async function* g_${i}${this.signature(fn)} ${this.body(fn)}`);
        for (const { i, fn } of functions) this.line(`${fn.async ? 'async ' : ''}function f${i}${this.signature(fn)} ${this.body(fn)}`);
        this.line(`return () => ${this.block(main)};`);
        --this.depth;
        this.line('}');
        return this.lines.join('\n');
    }

    signature(fn, instead) {
        return `(${instead ?? fn.params.map((param) => this.param(param)).join(', ')})`;
    }
    param({ n, t }) {
        const letters = { int: 'v', promise: 'q', resolver: 'w', error: 'e', typed: 'e' };
        return t === 'exec' ? `resolve${n}, reject${n}` : letters[t] + n;
    }

    /// A lambda. What it prints is a text, whose lines but the first are indented.
    fn(fn, instead) { return `${fn.async ? 'async ' : ''}${this.signature(fn, instead)} => ${this.body(fn)}`; }
    body(fn, first = []) { return this.block(fn.body, first); }
    block(body, first = []) {
        const outside = this.lines;
        this.lines = [];
        ++this.depth;
        for (const text of first) this.line(text);
        for (const statement of body) this[statement.k](statement);
        --this.depth;
        const inside = this.lines;
        this.lines = outside;
        return inside.length ? `{\n${inside.join('\n')}\n${'    '.repeat(this.depth)}}` : '{}';
    }

    // Expressions.

    x(node) {
        switch (node.k) {
        case 'lit': return `${node.v}`;
        case 'var': return `v${node.n}`;
        case 'islot': return `n${node.i}`;
        case 'add': return `(${this.x(node.a)} + ${this.x(node.b)}) % 1000`;
        }
        throw new Error(`no number: ${node.k}`);
    }
    error({ cls, m }) { return `new ${cls}('${m}')`; }
    r(node) { return node.k === 'rvar' ? `w${node.n}` : `r${node.i}`; }
    p(node) {
        switch (node.k) {
        case 'pvar': return `q${node.n}`;
        case 'pslot': return `p${node.i}`;
        case 'rpromise': return `${this.r(node.r)}.promise`;
        case 'resolve': return `Promise.resolve(${this.x(node.x)})`;
        case 'resolveP': return `Promise.resolve(${this.p(node.p)})`;
        case 'resolveT': return `Promise.resolve(${this.thenable(node.t)})`;
        case 'reject': return `Promise.reject(${this.error(node.e)})`;
        case 'call': return `f${node.i}(${node.args.map((arg) => this.argument(arg)).join(', ')})`;
        case 'iife': return `(${this.fn(node.fn)})()`;
        case 'executor': return `new Promise(${this.fn(node.fn)})`;
        case 'attempt': return `attempt(${this.fn(node.fn)})`;
        case 'chain': return node.links.reduce((base, link) => base + this.link(link), this.p(node.base));
        case 'combine': return this.combine(node);
        case 'later': return `later(${node.ms}, ${this.x(node.x)})`;
        case 'step': return `step(${node.id}, ${this.step(node)})`;
        case 'collect': return `all(${node.id}, fromAsync(${this.iterable(node.g)}${node.fn ? `, ${this.fn(node.fn)}` : ''}))`;
        case 'pause': return `delay(${node.ms}${this.signal(node.s)}).then(() => ${this.x(node.x)})`;
        }
        throw new Error(`no promise: ${node.k}`);
    }
    signal(s) { return s === null ? '' : `, { signal: s${s} }`; }
    argument(node) {
        if (node.k === 'rvar' || node.k === 'rslot') return this.r(node);
        return ['lit', 'var', 'islot', 'add'].includes(node.k) ? this.x(node) : this.p(node);
    }
    link({ m, cls, fn, gn, caught, x }) {
        switch (m) {
        case 'then': return `.then(${this.fn(fn)})`;
        case 'both': return `.then(${this.fn(fn)}, ${this.fn(gn)})`;
        case 'catch': return `.catch(${this.fn(gn)})`;
        case 'catchType': {
            const name = this.param(gn.params[0]);
            return `.catch((${name}) => ${this.body(gn, [`if (!(${name} instanceof ${cls})) throw ${name};`])})`;
        }
        case 'nothing': return `.${caught ? 'catch' : 'then'}(${this.fn(fn)}).then(() => ${this.x(x)})`;
        case 'finally': return `.finally(${this.fn(fn)})`;
        }
    }
    combine({ m, xs, id }) {
        const made = `Promise.${m}([${xs.map((each) => (each.k === 'value' ? this.x(each.x) : this.p(each))).join(', ')}])`;
        return m === 'all' || m === 'allSettled' ? `${m}(${id}, ${made})` : made;
    }
    step({ n, m, x, p, e }) {
        const given = x ? this.x(x) : p ? this.p(p) : e ? this.error(e) : '';
        return `i${n}.${m.startsWith('return') ? 'return' : m}(${given})`;
    }
    iterable(node) {
        if (node.k === 'iterator') return `i${node.n}`;
        return node.k === 'production' ? `g_${node.i}(${this.x(node.x)})` : `[${node.xs.map((each) => this.p(each)).join(', ')}]`;
    }
    thenable({ fn }) { return `{ then${this.signature(fn)} ${this.body(fn)} }`; }

    // Statements.

    log({ id, xs }) { this.line(`log(${[id, ...xs.map((each) => this.x(each))].join(', ')});`); }
    logError({ id, n }) { this.line(`log(${id}, describe(e${n}));`); }
    let({ n, x }) { this.line(`const v${n} = ${this.x(x)};`); }
    iset({ i, x }) { this.line(`n${i} = ${this.x(x)};`); }
    plet({ n, p }) { this.line(`const q${n} = ${this.p(p)};`); }
    pset({ i, p }) { this.line(`p${i} = ${this.p(p)};`); }
    float({ p }) { this.line(`${this.p(p)};`); }
    await({ n, p }) { this.line(`const v${n} = await ${this.p(p)};`); }
    awaitThenable({ n, t }) { this.line(`const v${n} = await ${this.thenable(t)};`); }
    awaitPause({ ms, s }) { this.line(`await delay(${ms}${this.signal(s)});`); }
    settled({ id, p }) {
        const settles = `try { log(${id}, 'f', await promise); } catch (error) { log(${id}, 'r', describe(error)); }`;
        this.line(`{ const promise = ${this.p(p)}; ${settles} }`);
    }
    try({ body, e, handler }) { this.line(`try ${this.block(body)} catch (e${e}) ${this.block(handler)}`); }
    throw({ e }) { this.line(`throw ${this.error(e)};`); }
    rethrow({ n }) { this.line(`throw e${n};`); }
    return({ x, p, t, a, r }) {
        if (a) return this.line(`return (${this.x(a)}) % 2 === ${r};`);
        this.line(`return${x ? ` ${this.x(x)}` : p ? ` ${this.p(p)}` : t ? ` ${this.thenable(t)}` : ''};`);
    }
    break() { this.line('break;'); }
    continue() { this.line('continue;'); }
    if({ a, r, body, other }) {
        this.line(`if ((${this.x(a)}) % 2 === ${r}) ${this.block(body)}${other.length ? ` else ${this.block(other)}` : ''}`);
    }
    for({ n, to, body }) { this.line(`for (let v${n} = 0; v${n} < ${to}; ++v${n}) ${this.block(body)}`); }
    micro({ fn }) { this.line(`queueMicrotask(${this.fn(fn)});`); }
    timeout({ i, ms, x, fn }) { this.line(`t${i} = setTimeout(${this.fn(fn)}, ${ms}${x ? `, ${this.x(x)}` : ''});`); }
    interval({ i, ms, times, fn }) { this.line(`t${i} = beats(${times}, ${this.fn(fn)}, ${ms});`); }
    clear({ i }) { this.line(`clearTimeout(t${i});`); }
    yield({ x, p }) { this.line(`yield ${x ? this.x(x) : this.p(p)};`); }
    yieldAll({ id, n, g }) {
        this.line(`const y${n} = yield* ${g.k === 'list' ? `list(${this.iterable(g)})` : this.iterable(g)};`);
        this.line(`log(${id}, y${n} ?? 'none');`);
    }
    iterate({ n, g }) { this.line(`const i${n} = ${this.iterable(g)};`); }
    awaitStep({ n, step }) { this.line(`const v${n} = logStep(${step.id}, await ${this.step(step)});`); }
    forAwait({ g, fn, awaited }) {
        this.line(`${awaited ? 'await ' : ''}forAwait(${this.iterable(g)}, ${fn.async}, ${this.fn(fn)});`);
    }
    drain({ i, n, body }) {
        this.line('for (;;) {');
        this.line(`    const { done, value: v${n} } = await i${i}.next();`);
        this.line('    if (done) break;');
        ++this.depth;
        for (const statement of body) this[statement.k](statement);
        --this.depth;
        this.line('}');
    }
    tryFinally({ body, finalizer }) { this.line(`try ${this.block(body)} finally ${this.block(finalizer)}`); }
    rdecl({ n }) { this.line(`const w${n} = withResolvers();`); }
    rset({ i }) { this.line(`r${i} = withResolvers();`); }
    settle({ r, how, x, p, t, e }) {
        const given = x ? this.x(x) : p ? this.p(p) : t ? this.thenable(t) : this.error(e);
        const name = how === 'reject' ? 'reject' : 'resolve';
        this.line(`${r.k === 'exec' ? `${name}${r.n}` : `${this.r(r)}.${name}`}(${given});`);
    }
    listen({ l, g, type, once, s, fn }) {
        const options = `{ once: ${once}${s === null ? '' : `, signal: s${s}`} }`;
        this.line(`l${l} = listen(g${g}, '${typeOf[type]}', ${this.fn(fn, 'event')}, ${options});`);
    }
    relisten({ l, g, type, once }) { this.line(`g${g}.addEventListener('${typeOf[type]}', l${l}, { once: ${once} });`); }
    unlisten({ l, g, type }) { this.line(`g${g}.removeEventListener('${typeOf[type]}', l${l});`); }
    dispatch({ id, g, type }) { this.line(`log(${id}, dispatch(g${g}, '${typeOf[type]}'));`); }
    stop() { this.line('event.stopImmediatePropagation();'); }
    prevent() { this.line('event.preventDefault();'); }
    onabort({ s, once, fn }) { this.line(`listen(s${s}, 'abort', ${this.fn(fn, 'event')}, { once: ${once} });`); }
    abort({ c, e }) { this.line(`c${c}.abort(${e ? this.error(e) : ''});`); }
    control({ c, s }) {
        this.line(`c${c} = new AbortController();`);
        this.line(`s${s} = c${c}.signal;`);
    }
    sany({ s, xs }) { this.line(`s${s} = AbortSignal.any([${xs.map((i) => `s${i}`).join(', ')}]);`); }
    sabort({ s, e }) { this.line(`s${s} = AbortSignal.abort(${this.error(e)});`); }
    aborted({ id, s }) { this.line(`log(${id}, s${s}.aborted ? describe(s${s}.reason) : 'active');`); }
    throwIfAborted({ s }) { this.line(`s${s}.throwIfAborted();`); }
}

export const printJavaScript = (program) => new Printer().program(program);
