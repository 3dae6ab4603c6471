// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/web/inspect.hpp>

#include <cstdio>
#include <string>

namespace rondo {

/// https://developer.mozilla.org/docs/Web/API/console
///
/// Values stand in one line with spaces between: strings as they are, numbers as JavaScript writes them, containers,
/// optionals, pairs, tuples, promises and errors as Node shows them, and whatever has an `operator<<`. One call is one
/// write, at once, from any thread.
///
/// Unlike the Web: `%` stands for itself, and what is long is not broken into lines.
struct Console {
    /// To stdout.
    template <class... Values>
    void log(const Values&... values) const {
        write(stdout, values...);
    }

    /// To stderr.
    template <class... Values>
    void error(const Values&... values) const {
        write(stderr, values...);
    }

private:
    template <class... Values>
    static void write(std::FILE* file, const Values&... values) {
        std::string line;
        bool first = true;
        [[maybe_unused]] const auto append = [&](const auto& value) {
            if (!std::exchange(first, false)) line += ' ';
            web::inspect(line, value, false);
        };
        (append(values), ...);
        line += '\n';
        std::fwrite(line.data(), 1, line.size(), file);
        std::fflush(file);
    }
};

inline constexpr Console console{};

}
