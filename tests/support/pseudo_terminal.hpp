// SPDX-License-Identifier: MIT
#pragma once

#include "catch.hpp"

#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <optional>
#include <string>
#include <termios.h>
#include <unistd.h>

/// What `f` writes to `stream`, which is a terminal meanwhile: one that shows line ends as they are. It must be less
/// than a terminal holds back, some kilobytes.
template <class F>
std::string shownTo(std::FILE* stream, F f) {
    const int screen = posix_openpt(O_RDWR | O_NOCTTY);
    REQUIRE(screen >= 0);
    REQUIRE(grantpt(screen) == 0);
    REQUIRE(unlockpt(screen) == 0);
    const int line = open(ptsname(screen), O_RDWR | O_NOCTTY);
    REQUIRE(line >= 0);
    termios settings{};
    tcgetattr(line, &settings);
    cfmakeraw(&settings);
    tcsetattr(line, TCSANOW, &settings);
    std::fflush(stream);
    const int saved = dup(fileno(stream));
    dup2(line, fileno(stream));
    close(line);
    f();
    std::fflush(stream);
    dup2(saved, fileno(stream)); // the last end of the line is closed: what was written can be read, then no more
    close(saved);
    std::string text;
    std::array<char, 512> part{};
    for (;;) {
        const auto size = read(screen, part.data(), part.size());
        if (size <= 0) break;
        text.append(part.data(), static_cast<std::size_t>(size));
    }
    close(screen);
    return text;
}

/// Sets the variables that say what a terminal can do, while it lives; null takes one away.
class TerminalVariables {
public:
    TerminalVariables(const char* terminal, const char* noColor)
        : terminal_("TERM", terminal), noColor_("NO_COLOR", noColor) {}

    template <class F>
    auto during(F f) const {
        return f();
    }

private:
    class Variable {
    public:
        Variable(const char* name, const char* value) : name_(name) {
            if (const char* old = std::getenv(name)) old_ = old;
            set(value);
        }
        Variable(const Variable&) = delete;
        Variable& operator=(const Variable&) = delete;
        ~Variable() { set(old_ ? old_->c_str() : nullptr); }

    private:
        void set(const char* value) const { value ? setenv(name_, value, 1) : unsetenv(name_); }

        const char* name_;
        std::optional<std::string> old_;
    };

    Variable terminal_;
    Variable noColor_;
};
