// SPDX-License-Identifier: MIT
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <unistd.h>

namespace rondo::web {

/// Whether a terminal is at the other end of the stream, now; and one that knows escape sequences.
inline bool isTerminal(std::FILE* stream) noexcept {
    if (isatty(fileno(stream)) == 0) return false;
    const char* const terminal = std::getenv("TERM");
    return !terminal || std::string_view(terminal) != "dumb";
}

/// Whether what is written to the stream should have colours: in a terminal that has a name, and only if nobody set
/// `NO_COLOR`. https://no-color.org
inline bool hasColours(std::FILE* stream) noexcept {
    if (!isTerminal(stream)) return false;
    const char* const terminal = std::getenv("TERM");
    const char* const none = std::getenv("NO_COLOR");
    return terminal && *terminal && (!none || !*none);
}

}
