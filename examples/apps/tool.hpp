// SPDX-License-Identifier: MIT
//
// What a program that is called from a shell needs beside its work: an end before the end, a bar, and numbers.
#pragma once

#include <rondo/rondo.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace tool {

using namespace rondo;

using Seconds = std::chrono::duration<double>;

/// Tells when all is to end early: when the time is up, or when the user says so.
class Ending {
public:
    explicit Ending(std::optional<Seconds> timeout)
        : signal_(timeout ? AbortSignal::any(user_.signal(), AbortSignal::timeout(*timeout)) : user_.signal()),
          onInterrupt_(onSignal(SIGINT, [this] { end("SIGINT", 130); })),
          onTerminate_(onSignal(SIGTERM, [this] { end("SIGTERM", 143); })) {
        onInterrupt_.unref();
        onTerminate_.unref();
    }
    Ending(const Ending&) = delete;
    Ending& operator=(const Ending&) = delete;
    ~Ending() {
        onInterrupt_.stop();
        onTerminate_.stop();
    }

    const AbortSignal& signal() const { return signal_; }

    // For when it is aborted.
    const char* cause() const { return cause_; }
    int exitCode() const { return exitCode_; }

private:
    void end(const char* cause, int exitCode) {
        onInterrupt_.stop(); // the next Ctrl-C ends the program at once
        if (signal_.aborted()) return;
        cause_ = cause;
        exitCode_ = exitCode;
        user_.abort();
    }

    AbortController user_;
    AbortSignal signal_;
    SignalHandle onInterrupt_;
    SignalHandle onTerminate_;
    const char* cause_ = "--timeout";
    int exitCode_ = 124;
};

/// What is still to be done. Whoever takes an entry may add others, until it says that it is done with it.
template <class Entry>
class Backlog {
public:
    void add(Entry entry) {
        ++unfinished_;
        entries_.push_back(std::move(entry));
        wakeOne();
    }

    /// The newest entry, as soon as there is one; nothing, when all are done or it has been closed.
    Promise<std::optional<Entry>> take() {
        while (!closed_ && entries_.empty() && unfinished_ > 0) {
            waiting_.push_back(Promise<>::withResolvers());
            co_await waiting_.back().promise;
        }
        if (closed_ || entries_.empty()) co_return std::nullopt;
        Entry entry = std::move(entries_.back());
        entries_.pop_back();
        co_return entry;
    }

    void done() {
        --unfinished_;
        while (unfinished_ == 0 && !waiting_.empty()) wakeOne();
    }

    void close() {
        closed_ = true;
        while (!waiting_.empty()) wakeOne();
    }

private:
    void wakeOne() {
        if (waiting_.empty()) return;
        waiting_.back().resolve();
        waiting_.pop_back();
    }

    std::vector<Entry> entries_;
    std::size_t unfinished_ = 0; // added, and not done
    bool closed_ = false;
    std::vector<PromiseWithResolvers<>> waiting_;
};

/// How far things are, on stderr, as long as it lives: a bar on a terminal, else a line now and then.
class Progress {
public:
    /// What the program is called, and what it counts.
    Progress(const char* program, const char* things) : program_(program), things_(things) {}
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress() {
        clearInterval(timer_);
        clear();
    }

    void begin() {
        if (onTerminal_) show();
        timer_ = setInterval([this] { show(); }, onTerminal_ ? 100 : 5000);
    }

    void found() { ++found_; }
    void finished() { ++finished_; }
    std::string figures() const { return std::to_string(finished_) + " of " + std::to_string(found_) + " " + things_; }

    /// A line of its own, which stays.
    void say(const std::string& line) {
        clear();
        console.error(line);
    }

private:
    void show() {
        if (!onTerminal_) return console.error(std::string(program_) + ":", figures());
        constexpr std::size_t width = 40;
        const std::size_t full = found_ > 0 ? width * finished_ / found_ : 0;
        const std::string bar = "\r[" + std::string(full, '#') + std::string(width - full, '.') + "] ";
        std::fputs((bar + figures() + clearToEnd).c_str(), stderr);
        shown_ = true;
    }

    void clear() {
        if (std::exchange(shown_, false)) std::fputs((std::string("\r") + clearToEnd).c_str(), stderr);
    }

    static constexpr const char* clearToEnd = "\033[K";

    const char* program_;
    const char* things_;
    bool onTerminal_ = isatty(STDERR_FILENO) == 1;
    bool shown_ = false;
    std::size_t found_ = 0;
    std::size_t finished_ = 0;
    TimerHandle timer_;
};

/// A name as it can be printed: what would control the terminal becomes a question mark.
inline std::string printable(std::string name) {
    std::replace_if(name.begin(), name.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, '?');
    return name;
}

/// Nothing if it is not a number from `least` to `most`.
inline std::optional<std::size_t> parseNumber(const std::string& text, std::size_t least, std::size_t most) {
    std::size_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || last != end || number < least || number > most) return std::nullopt;
    return number;
}

/// Nothing if it is not a time of more than 0.
inline std::optional<Seconds> parseTime(const std::string& text) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
    const std::string number = text.substr(0, digits);
    const std::string unit = text.substr(digits);
    char* end = nullptr;
    Seconds time(std::strtod(number.c_str(), &end));
    if (number.empty() || *end != '\0') return std::nullopt;
    if (unit == "ms") {
        time /= 1000;
    } else if (unit == "m") {
        time *= 60;
    } else if (unit != "s" && !unit.empty()) {
        return std::nullopt;
    }
    return time > Seconds::zero() ? std::optional(time) : std::nullopt;
}

}
