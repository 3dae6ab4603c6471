// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/async_stack.hpp>
#include <rondo/base/text.hpp>
#include <rondo/web/console_state.hpp>
#include <rondo/web/format.hpp>
#include <rondo/web/inspect.hpp>
#include <rondo/web/table.hpp>
#include <rondo/web/terminal.hpp>

#include <cstddef>
#include <cstdio>
#include <initializer_list>
#include <source_location>
#include <string_view>

namespace rondo {

namespace web {

/// In one write, and at once: the text, behind the groups' indentation, and the end of the line.
[[gnu::cold]] inline void writeLine(std::FILE* stream, base::Text& text) {
    text += '\n';
    std::string_view line = text.view();
    base::Text indented;
    if (const ConsoleState* state = ConsoleState::find(); state && state->indentation > 0) [[unlikely]] {
        for (std::size_t end = 0; !line.empty(); line.remove_prefix(end)) {
            end = line.find('\n') + 1;
            indented.append(state->indentation, ' ') += line.substr(0, end);
        }
        line = indented.view();
    }
    std::fwrite(line.data(), 1, line.size(), stream);
    std::fflush(stream);
}

[[gnu::cold]] inline void printText(std::FILE* stream, std::string_view text) {
    base::Text line;
    writeLine(stream, line += text);
}

[[gnu::cold]] inline void printValues(std::FILE* stream, std::initializer_list<Value> values) {
    base::Text line;
    appendValues(line, values.begin(), values.end(), hasColours(stream));
    writeLine(stream, line);
}

[[gnu::cold]] inline void printFormatted(std::FILE* stream, std::initializer_list<Value> values) {
    base::Text line;
    appendFormatted(line, values.begin(), values.end(), hasColours(stream));
    writeLine(stream, line);
}

inline void print(std::FILE* stream) { printText(stream, {}); }

/// Only what a call may need is compiled for it: text alone has no `%` that says anything.
template <class First, class... Rest>
void print(std::FILE* stream, const First& first, const Rest&... rest) {
    if constexpr (!TextLike<First>) {
        printValues(stream, {first, rest...});
    } else if constexpr (sizeof...(Rest) > 0) {
        printFormatted(stream, {first, rest...});
    } else {
        const Value value(first);
        printText(stream, value.isText() ? value.text() : "null");
    }
}

/// `before 'label' after`, of a label that is not there, or is there already.
[[gnu::cold]] inline void warnOfLabel(std::string_view before, std::string_view label, std::string_view after) {
    base::Text line;
    writeLine(stderr, ((((line += "Warning: ") += before) += label) += "' ") += after);
}

/// `label: 1.234ms`, and the values.
[[gnu::cold]] inline void printTimer(std::string_view label, std::string_view caller, const Value* first,
                                     const Value* last) {
    ConsoleState* const state = ConsoleState::find();
    const double* const began = state ? state->timers.find(label) : nullptr;
    if (!began) return warnOfLabel("No such label '", label, caller);
    base::Text line;
    appendDuration((line += label) += ": ", ConsoleState::now() - *began);
    if (first != last) appendValues(line += ' ', first, last, hasColours(stdout));
    writeLine(stdout, line);
}

/// The first value of `console.trace`, and where that was called.
struct Traced {
    template <class T>
    Traced(const T& first, // NOLINT(google-explicit-constructor): the call makes it of its first argument
           const std::source_location& caller = std::source_location::current()) noexcept
        : value(first), where(caller) {}

    Value value;
    std::source_location where;
};

[[gnu::cold]] inline void printTrace(const std::source_location& where, const Value* first, const Value* last) {
    base::Text line;
    line += "Trace";
    if (first != last) appendFormatted(line += ": ", first, last, hasColours(stderr));
    const base::StackTrace trace(where);
    base::appendStackLine(line, where, trace.inAsyncFunction());
    for (const std::source_location& await : trace) base::appendStackLine(line, await, true);
    writeLine(stderr, line);
}

}

/// https://developer.mozilla.org/docs/Web/API/console
///
/// Values stand in one line with spaces between: strings as they are, numbers as JavaScript writes them, containers,
/// optionals, pairs, tuples, promises and errors as Node shows them, and whatever has an `operator<<`. If the first one
/// is text and not alone, `%s %d %i %f %j %o %O %c %%` in it say how others are shown. A terminal sees colours, unless
/// `NO_COLOR` is set. One call is one write, at once, from any thread; what an `operator<<` throws leaves the call, and
/// so does `std::bad_alloc`: nothing is written then, and nothing has changed.
///
/// Counts, timers and groups belong to this thread's loop, and to the thread if it has none.
///
/// Unlike the Web: what is long is not broken into lines. Unlike Node: `FORCE_COLOR` is not known, and what is wrong
/// with a label is said at once, without the number of the process.
struct Console {
    /// To stdout.
    template <class... Values>
    void log(const Values&... values) const {
        web::print(stdout, values...);
    }
    template <class... Values>
    void info(const Values&... values) const {
        web::print(stdout, values...);
    }
    template <class... Values>
    void debug(const Values&... values) const {
        web::print(stdout, values...);
    }

    /// To stderr.
    template <class... Values>
    void error(const Values&... values) const {
        web::print(stderr, values...);
    }
    template <class... Values>
    void warn(const Values&... values) const {
        web::print(stderr, values...);
    }

    /// `Trace: …` to stderr, with the place of the call and the awaits above it.
    void trace(const std::source_location& where = std::source_location::current()) const {
        web::printTrace(where, nullptr, nullptr);
    }
    template <class... Values>
    void trace(const web::Traced& first, const Values&... values) const {
        const std::initializer_list<web::Value> all{first.value, values...};
        web::printTrace(first.where, all.begin(), all.end());
    }

    /// `Assertion failed: …` to stderr, if the condition does not hold.
    template <class Condition, class... Values>
    void assert_(const Condition& condition, const Values&... values) const {
        if (static_cast<bool>(condition)) return;
        if constexpr (sizeof...(Values) == 0) {
            web::print(stderr, "Assertion failed");
        } else {
            failed(values...);
        }
    }

    /// `label: n`: how often it has been called with this label, to stdout.
    template <class Label = std::string_view>
    void count(const Label& label = "default") const {
        web::Labels& counts = web::ConsoleState::here().counts;
        double* count = counts.find(label);
        if (!count) count = &counts.add(label, 0);
        base::Text line;
        web::appendNumber((line += label) += ": ", *count + 1);
        web::writeLine(stdout, line);
        ++*count; // what could not be said does not count
    }
    void countReset(std::string_view label = "default") const {
        web::ConsoleState* const state = web::ConsoleState::find();
        if (!state || !state->counts.remove(label)) web::warnOfLabel("Count for '", label, "does not exist");
    }

    /// Begins to measure time, on the loop's clock: in virtual time, virtual.
    void time(std::string_view label = "default") const {
        web::Labels& timers = web::ConsoleState::here().timers;
        if (timers.find(label)) return web::warnOfLabel("Label '", label, "already exists for console.time()");
        timers.add(label, web::ConsoleState::now());
    }
    /// `label: 1.234ms`, and the values, to stdout.
    template <class... Values>
    void timeLog(std::string_view label = "default", const Values&... values) const {
        const std::initializer_list<web::Value> all{values...};
        web::printTimer(label, "for console.timeLog()", all.begin(), all.end());
    }
    void timeEnd(std::string_view label = "default") const {
        web::printTimer(label, "for console.timeEnd()", nullptr, nullptr);
        if (web::ConsoleState* const state = web::ConsoleState::find()) state->timers.remove(label);
    }

    /// What is written from now on, to both streams, stands two columns further right. The values are its title.
    template <class... Values>
    void group(const Values&... values) const {
        std::size_t& indentation = web::ConsoleState::here().indentation;
        if constexpr (sizeof...(Values) > 0) log(values...);
        indentation += 2;
    }
    template <class... Values>
    void groupCollapsed(const Values&... values) const {
        group(values...);
    }
    void groupEnd() const noexcept {
        web::ConsoleState* const state = web::ConsoleState::find();
        if (state && state->indentation > 0) state->indentation -= 2;
    }

    /// Rows and columns, to stdout: of a list of values, of lists, of maps. Only the columns named, if there are such.
    /// What is no list is logged.
    template <class T>
    void table(const T& rows) const {
        if constexpr (web::Listing<T>) {
            drawTable(rows, nullptr);
        } else {
            log(rows);
        }
    }
    template <class T>
    void table(const T& rows, std::initializer_list<std::string_view> columns) const {
        if constexpr (web::Listing<T>) {
            drawTable(rows, &columns);
        } else {
            log(rows);
        }
    }

    /// The value as it is inside of others: a string quoted.
    template <class T>
    void dir(const T& value) const {
        base::Text line;
        web::Printer printer(line, {.quoted = true, .colours = web::hasColours(stdout)});
        web::inspect(printer, value);
        web::writeLine(stdout, line);
    }
    template <class... Values>
    void dirxml(const Values&... values) const {
        log(values...);
    }

    /// Clears the terminal, if stdout is one.
    void clear() const {
        if (!web::isTerminal(stdout)) return;
        std::fputs("\x1b[1;1H\x1b[0J", stdout);
        std::fflush(stdout);
    }

private:
    template <class First, class... Rest>
    static void failed(const First& first, const Rest&... rest) {
        base::Text message;
        message += "Assertion failed: ";
        web::appendSpecified(message, 's', first, false);
        web::print(stderr, message.view(), rest...);
    }

    template <class T>
    static void drawTable(const T& rows, const std::initializer_list<std::string_view>* columns) {
        base::Text text;
        web::appendTable(text, rows, web::hasColours(stdout), columns);
        web::writeLine(stdout, text);
    }
};

inline constexpr Console console{};

}
