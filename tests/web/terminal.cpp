// SPDX-License-Identifier: MIT
#include "support/pseudo_terminal.hpp"
#include "support/written.hpp"

#include <rondo/web/terminal.hpp>

#include <cstdio>

using namespace rondo;

namespace {

struct Seen {
    bool terminal = false;
    bool colours = false;
};

/// What is known of stdout, when that is a terminal of this kind.
Seen seen(const char* terminal, const char* noColor) {
    const TerminalVariables variables(terminal, noColor);
    Seen result;
    shownTo(stdout, [&] { result = {web::isTerminal(stdout), web::hasColours(stdout)}; });
    return result;
}

}

TEST_CASE("a file is no terminal") {
    const TerminalVariables variables("xterm", nullptr);
    bool any = true;
    writtenTo(stdout, [&] { any = web::isTerminal(stdout) || web::hasColours(stdout); });
    CHECK_FALSE(any);
}

TEST_CASE("a terminal has colours unless somebody objects") {
    CHECK(seen("xterm", nullptr).colours);
    CHECK(seen("xterm-256color", "").colours);
    CHECK_FALSE(seen("xterm", "1").colours);
    CHECK_FALSE(seen("dumb", nullptr).colours);
    CHECK_FALSE(seen("", nullptr).colours);
    CHECK_FALSE(seen(nullptr, nullptr).colours);
}

TEST_CASE("a dumb terminal knows no escape sequences") {
    CHECK(seen("xterm", "1").terminal);
    CHECK(seen(nullptr, nullptr).terminal);
    CHECK_FALSE(seen("dumb", nullptr).terminal);
}
