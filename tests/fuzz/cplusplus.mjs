// SPDX-License-Identifier: MIT
//
// Prints a program as C++: a struct of its own, whose members are the slots and the functions, and that `prelude.hpp` runs.

const typeOf = ['x', 'y'];

class Printer {
    constructor() {
        this.lines = [];
        this.depth = 0;
    }

    line(text) { this.lines.push('    '.repeat(this.depth) + text); }

    program({ seed, slots, functions, producers, main }) {
        this.line(`struct Program${seed} : Program {`);
        ++this.depth;
        const types = {
            n: 'int', p: 'std::optional<Promise<int>>', r: 'std::optional<PromiseWithResolvers<int>>', t: 'TimerHandle',
            g: 'EventTarget', l: 'EventListener', c: 'std::optional<AbortController>', s: 'std::optional<AbortSignal>',
        };
        for (const [kind, count] of Object.entries(slots)) {
            for (let i = 0; i < count; ++i) this.line(`${types[kind]} ${kind}${i}${kind === 'n' ? ' = 0' : ''};`);
        }
        for (const { i, fn } of producers) this.line(`AsyncGenerator<int, int> g_${i}${this.signature(fn)} ${this.body(fn)}`);
        for (const { i, fn } of functions) this.line(`Promise<int> f${i}${this.signature(fn)} ${this.body(fn)}`);
        this.line('void begin() {');
        ++this.depth;
        const initial = {
            p: (i) => `Promise<>::resolve(${i})`,
            r: () => 'Promise<int>::withResolvers()',
            c: () => 'AbortController()',
            s: (i) => `c${i % slots.c}->signal()`,
        };
        for (const [kind, make] of Object.entries(initial)) {
            for (let i = 0; i < slots[kind]; ++i) this.line(`${kind}${i}.emplace(${make(i)});`);
        }
        --this.depth;
        this.line('}');
        this.line(`void main() override ${this.block(main, ['begin();'])}`);
        --this.depth;
        this.line('};');
        return this.lines.join('\n');
    }

    signature(fn, instead) { return `(${instead ?? fn.params.map((param) => this.param(param)).join(', ')})`; }
    param({ n, t }, cls) {
        const types = {
            int: `int v${n}`, promise: `Promise<int> q${n}`, resolver: `PromiseWithResolvers<int> w${n}`,
            exec: `auto resolve${n}, auto reject${n}`, error: `std::exception_ptr e${n}`, typed: `const ${cls}& e${n}`,
        };
        return types[t];
    }
    returns({ async, ret }) {
        if (ret === 'promise') return 'Promise<int>';
        return async ? `Promise<${ret}>` : ret;
    }

    fn(fn, instead) { return `[=, this]${this.signature(fn, instead)} -> ${this.returns(fn)} ${this.body(fn)}`; }
    body(fn) {
        const outside = this.inside;
        this.inside = fn;
        // what always throws must still be a coroutine
        const last = fn.body.at(-1)?.k === 'return' ? null : fn.async ? 'co_return' : 'return';
        const text = this.block(fn.body, [], last && `${last}${fn.ret === 'void' ? '' : this.nothing(fn)};`);
        this.inside = outside;
        return text;
    }
    nothing({ ret, async }) {
        if (ret === 'bool') return ' true';
        return ret === 'promise' && !async ? ' Promise<>::resolve(0)' : ' 0';
    }
    block(body, first = [], last = null) {
        const outside = this.lines;
        this.lines = [];
        ++this.depth;
        for (const text of first) this.line(text);
        for (const statement of body) this[statement.k](statement);
        if (last) this.line(last);
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
    error({ cls, m }) { return `${cls}("${m}")`; }
    r(node, access) { return node.k === 'rvar' ? `w${node.n}${access ? '.' : ''}` : access ? `r${node.i}->` : `*r${node.i}`; }
    p(node) {
        switch (node.k) {
        case 'pvar': return `q${node.n}`;
        case 'pslot': return `*p${node.i}`;
        case 'rpromise': return `${this.r(node.r, true)}promise`;
        case 'resolve': return `Promise<>::resolve(${this.x(node.x)})`;
        case 'resolveP': return `Promise<>::resolve(${this.p(node.p)})`;
        case 'resolveT': return `Promise<>::resolve(${this.thenable(node.t)})`;
        case 'reject': return `Promise<int>::reject(${this.error(node.e)})`;
        case 'call': return `f${node.i}(${node.args.map((arg) => this.argument(arg)).join(', ')})`;
        case 'iife': return `async(${this.fn(node.fn)})`;
        case 'executor': return `Promise<int>(${this.fn(node.fn)})`;
        case 'attempt': return `Promise<int>::try_(${this.fn(node.fn)})`;
        case 'chain': {
            const base = this.p(node.base);
            return node.links.reduce((text, link) => text + this.link(link), base.startsWith('*') ? `(${base})` : base);
        }
        case 'combine': return this.combine(node);
        case 'later': return `later(${node.ms}, ${this.x(node.x)})`;
        case 'step': return `step(${node.id}, ${this.step(node)})`;
        case 'collect': return `all(${node.id}, fromAsync(${this.iterable(node.g)}${node.fn ? `, ${this.fn(node.fn)}` : ''}))`;
        case 'pause': return `${this.delay(node)}.then([=, this] { return ${this.x(node.x)}; })`;
        }
        throw new Error(`no promise: ${node.k}`);
    }
    delay({ ms, s }) { return `delay(${ms}${s === null ? '' : `, {.signal = *s${s}}`})`; }
    argument(node) {
        if (node.k === 'rvar' || node.k === 'rslot') return this.r(node);
        return ['lit', 'var', 'islot', 'add'].includes(node.k) ? this.x(node) : this.p(node);
    }
    link({ m, cls, fn, gn, caught, x }) {
        switch (m) {
        case 'then': return `.then(${this.fn(fn)})`;
        case 'both': return `.then(${this.fn(fn)}, ${this.fn(gn)})`;
        case 'catch': return `.catch_(${this.fn(gn)})`;
        case 'catchType': return `.catch_(${this.fn(gn, this.param(gn.params[0], cls))})`;
        case 'nothing': return `.${caught ? 'catch_' : 'then'}(${this.fn(fn)}).then([=, this] { return ${this.x(x)}; })`;
        case 'finally': return `.finally(${this.fn(fn)})`;
        }
    }
    combine({ m, range, xs, id }) {
        const inputs = xs.map((each) => (each.k === 'value' ? this.x(each.x) : this.p(each))).join(', ');
        const made = `Promise<>::${m}(${range ? `std::vector<Promise<int>>{${inputs}}` : inputs})`;
        return m === 'all' || m === 'allSettled' ? `${m}(${id}, ${made})` : made;
    }
    step({ n, m, x, p, e }) {
        const given = x ? this.x(x) : p ? this.p(p) : e ? this.error(e) : '';
        return `i${n}->${m.startsWith('return') ? 'return' : m}_(${given})`.replace('next_', 'next');
    }
    iterable(node) {
        if (node.k === 'iterator') return `*i${node.n}`;
        if (node.k === 'production') return `g_${node.i}(${this.x(node.x)})`;
        return `std::vector<Promise<int>>{${node.xs.map((each) => this.p(each)).join(', ')}}`;
    }
    thenable({ fn }) { return `Thenable(${this.fn(fn)})`; }

    // Statements.

    log({ id, xs }) { this.line(`log(${[id, ...xs.map((each) => this.x(each))].join(', ')});`); }
    logError({ id, n }) { this.line(`log(${id}, describe(e${n}));`); }
    let({ n, x }) { this.line(`const int v${n} = ${this.x(x)};`); }
    iset({ i, x }) { this.line(`n${i} = ${this.x(x)};`); }
    plet({ n, p }) { this.line(`const Promise<int> q${n} = ${this.p(p)};`); }
    pset({ i, p }) { this.line(`p${i} = ${this.p(p)};`); }
    float({ p }) { this.line(`static_cast<void>(${this.p(p)});`); }
    await({ n, p }) { this.line(`const int v${n} = co_await ${this.p(p)};`); }
    awaitThenable({ n, t }) { this.line(`const int v${n} = co_await ${this.thenable(t)};`); }
    awaitPause(node) { this.line(`co_await ${this.delay(node)};`); }
    settled({ id, p }) {
        const text = this.p(p);
        this.line(`logSettled(${id}, co_await ${text.startsWith('*') ? `(${text})` : text}.settled());`);
    }
    try({ body, e, handler }) {
        this.line('{');
        ++this.depth;
        this.line(`std::exception_ptr e${e};`);
        // a generator's return completion is no error that JavaScript would catch
        const passes = this.inside?.producer ? ' catch (const ReturnCompletion&) {\n        throw;\n    }' : '';
        this.line(`try ${this.block(body)}${passes.replaceAll('\n    ', `\n${'    '.repeat(this.depth - 1)}`)} catch (...) {`);
        this.line(`    e${e} = std::current_exception();`);
        this.line('}');
        this.line(`if (e${e}) ${this.block(handler)}`);
        --this.depth;
        this.line('}');
    }
    throw({ e }) { this.line(`throw ${this.error(e)};`); }
    rethrow({ n }) { this.line(`std::rethrow_exception(e${n});`); }
    return({ x, p, t, a, r }) {
        const { async, ret } = this.inside;
        const word = async ? 'co_return' : 'return';
        if (a) return this.line(`${word} (${this.x(a)}) % 2 == ${r};`);
        if (x) return this.line(`${word} ${ret === 'promise' && !async ? `Promise<>::resolve(${this.x(x)})` : this.x(x)};`);
        this.line(`${word}${p ? ` ${this.p(p)}` : t ? ` ${this.thenable(t)}` : ''};`);
    }
    break() { this.line('break;'); }
    continue() { this.line('continue;'); }
    if({ a, r, body, other }) {
        this.line(`if ((${this.x(a)}) % 2 == ${r}) ${this.block(body)}${other.length ? ` else ${this.block(other)}` : ''}`);
    }
    for({ n, to, body }) { this.line(`for (int v${n} = 0; v${n} < ${to}; ++v${n}) ${this.block(body)}`); }
    micro({ fn }) { this.line(`queueMicrotask(${this.fn(fn)});`); }
    timeout({ i, ms, x, fn }) { this.line(`t${i} = setTimeout(${this.fn(fn)}, ${ms}${x ? `, ${this.x(x)}` : ''});`); }
    interval({ i, ms, times, fn }) { this.line(`t${i} = beats(${times}, ${this.fn(fn)}, ${ms});`); }
    clear({ i }) { this.line(`clearTimeout(t${i});`); }
    yield({ x, p }) { this.line(`co_yield ${x ? this.x(x) : this.p(p)};`); }
    yieldAll({ id, n, g }) {
        const elements = `co_yield elementsOf(${this.iterable(g)})`;
        if (g.k === 'list') {
            this.line(`${elements};`);
            this.line(`log(${id}, "none");`);
        } else {
            this.line(`const std::optional<int> y${n} = ${elements};`);
            this.line(`log(${id}, y${n} ? std::to_string(*y${n}) : "none");`);
        }
    }
    iterate({ n, g }) { this.line(`const auto i${n} = std::make_shared<AsyncGenerator<int, int>>(${this.iterable(g)});`); }
    awaitStep({ n, step }) { this.line(`const int v${n} = logStep(${step.id}, co_await ${this.step(step)});`); }
    forAwait({ g, fn, awaited }) {
        this.line(`${awaited ? 'co_await ' : ''}forAwait(${this.iterable(g)}, ${this.fn(fn)});`);
    }
    drain({ i, n, body }) {
        this.line(`while (auto step${n} = co_await i${i}->next()) {`);
        this.line(`    const int v${n} = *step${n};`);
        ++this.depth;
        for (const statement of body) this[statement.k](statement);
        --this.depth;
        this.line('}');
    }
    tryFinally({ n, body, finalizer }) {
        this.line('{');
        ++this.depth;
        this.line(`std::exception_ptr e${n};`);
        this.line(`try ${this.block(body)} catch (...) {`);
        this.line(`    e${n} = std::current_exception();`);
        this.line('}');
        for (const statement of finalizer) this[statement.k](statement);
        this.line(`if (e${n}) std::rethrow_exception(e${n});`);
        --this.depth;
        this.line('}');
    }
    rdecl({ n }) { this.line(`const PromiseWithResolvers<int> w${n} = Promise<int>::withResolvers();`); }
    rset({ i }) { this.line(`r${i} = Promise<int>::withResolvers();`); }
    settle({ r, how, x, p, t, e }) {
        const given = x ? this.x(x) : p ? this.p(p) : t ? this.thenable(t) : this.error(e);
        const name = how === 'reject' ? 'reject' : 'resolve';
        this.line(`${r.k === 'exec' ? `${name}${r.n}` : `${this.r(r, true)}${name}`}(${given});`);
    }
    listen({ l, g, type, once, s, fn }) {
        const options = `{.once = ${once}${s === null ? '' : `, .signal = *s${s}`}}`;
        this.line(`l${l} = g${g}.addEventListener("${typeOf[type]}", ${this.fn(fn, '[[maybe_unused]] Event& event')}, ${options});`);
    }
    relisten({ l, g, type, once }) { this.line(`g${g}.addEventListener("${typeOf[type]}", l${l}, {.once = ${once}});`); }
    unlisten({ l, g, type }) { this.line(`g${g}.removeEventListener("${typeOf[type]}", l${l});`); }
    dispatch({ id, g, type }) { this.line(`log(${id}, dispatch(g${g}, "${typeOf[type]}"));`); }
    stop() { this.line('event.stopImmediatePropagation();'); }
    prevent() { this.line('event.preventDefault();'); }
    onabort({ s, once, fn }) {
        this.line(`s${s}->addEventListener("abort", ${this.fn(fn, '[[maybe_unused]] Event& event')}, {.once = ${once}});`);
    }
    abort({ c, e }) { this.line(`c${c}->abort(${e ? this.error(e) : ''});`); }
    control({ c, s }) {
        this.line(`c${c} = AbortController();`);
        this.line(`s${s} = c${c}->signal();`);
    }
    sany({ s, xs }) { this.line(`s${s} = AbortSignal::any(${xs.map((i) => `*s${i}`).join(', ')});`); }
    sabort({ s, e }) { this.line(`s${s} = AbortSignal::abort(${this.error(e)});`); }
    aborted({ id, s }) { this.line(`log(${id}, s${s}->aborted() ? describe(s${s}->reason()) : "active");`); }
    throwIfAborted({ s }) { this.line(`s${s}->throwIfAborted();`); }
}

export const printCplusplus = (program) => new Printer().program(program);
