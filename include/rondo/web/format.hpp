// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/text.hpp>
#include <rondo/web/inspect.hpp>

#include <cstddef>
#include <string_view>

namespace rondo::web {

/// `Number`, `parseInt` or `parseFloat` of a value, for `%d`, `%i` and `%f`.
[[gnu::cold]] inline void appendConverted(base::Text& out, char specifier, const Value& value) {
    base::Text text;
    Printer printer(text);
    value.print(printer);
    const bool isNumber = printer.kind() == Style::number;
    if (isNumber && (specifier == 'd' || text.view().find_first_of(".eNI") == text.view().npos)) {
        out += specifier != 'd' && text.view() == "-0" ? "0" : text.view(); // whole numbers, whatever their size
    } else if (specifier == 'i') {
        appendNumber(out, parseInt(text.view()));
    } else if (specifier == 'f') {
        appendNumber(out, parseFloat(text.view()));
    } else if (printer.kind() == Style::boolean || printer.kind() == Style::null) {
        out += text.view() == "true" ? '1' : '0';
    } else {
        appendNumber(out, toNumber(text.view()));
    }
}

/// What one of `sdifjoOc` makes of the value.
[[gnu::cold]] inline void appendSpecified(base::Text& out, char specifier, const Value& value, bool colours) {
    PrinterOptions options;
    switch (specifier) {
    case 's': options.depth = 0; break;
    case 'j': options.json = true; break;
    case 'o':
    case 'O':
        options.quoted = true;
        options.colours = colours;
        if (specifier == 'o') options.depth = 4;
        break;
    case 'd':
    case 'i':
    case 'f': appendConverted(out, specifier, value); return;
    default: return; // a style for a browser
    }
    Printer printer(out, options);
    value.print(printer);
}

/// Values with spaces between.
[[gnu::cold]] inline void appendValues(base::Text& out, const Value* first, const Value* last, bool colours) {
    for (const Value* value = first; value != last; ++value) {
        if (value != first) out += ' ';
        Printer printer(out, {.colours = colours});
        value->print(printer);
    }
}

/// Values with spaces between. In the first one, if it is text and not alone, `%` says how others are shown.
/// https://console.spec.whatwg.org/#formatter https://nodejs.org/api/util.html#utilformatformat-args
///
/// Unlike Node: `%o` does not show what is hidden, `%j` writes a map as an object, and `%d` and `%i` write integers of
/// any size in full.
[[gnu::cold]] inline void appendFormatted(base::Text& out, const Value* value, const Value* last, bool colours) {
    if (value == last || !value->isText()) return appendValues(out, value, last, colours);
    std::string_view format = value++->text();
    if (value != last) {
        std::size_t written = 0;
        for (std::size_t i = 0; i + 1 < format.size(); ++i) {
            if (format[i] != '%') continue;
            const char specifier = format[i + 1];
            const bool isKnown = std::string_view("sdifjoOc").find(specifier) != std::string_view::npos;
            if (specifier == '%' || (isKnown && value != last)) {
                out += format.substr(written, i - written);
                if (isKnown)
                    appendSpecified(out, specifier, *value++, colours);
                else
                    out += '%';
                written = i + 2;
            }
            ++i;
        }
        format.remove_prefix(written);
    }
    out += format;
    if (value == last) return;
    out += ' ';
    appendValues(out, value, last, colours);
}

}
