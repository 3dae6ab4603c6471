// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/text.hpp>
#include <rondo/loop/event_loop.hpp>
#include <rondo/web/number_text.hpp>

#include <chrono>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <utility>

namespace rondo::web {

/// Numbers by their labels; there are few of them.
class Labels {
public:
    Labels() noexcept = default;
    Labels(const Labels&) = delete;
    Labels& operator=(const Labels&) = delete;
    ~Labels() {
        while (first_) remove(first_);
    }

    double* find(std::string_view label) noexcept {
        Entry* const entry = *at(label);
        return entry ? &entry->number : nullptr;
    }
    double& add(std::string_view label, double number) {
        first_ = new Entry{base::SharedText(label), number, first_};
        return first_->number;
    }
    bool remove(std::string_view label) noexcept {
        Entry*& entry = *at(label);
        return entry && (remove(entry), true);
    }

private:
    struct Entry {
        base::SharedText label;
        double number;
        Entry* next;
    };

    /// Where the entry hangs, or would.
    Entry** at(std::string_view label) noexcept {
        Entry** entry = &first_;
        while (*entry && (*entry)->label.view() != label) entry = &(*entry)->next;
        return entry;
    }
    static void remove(Entry*& entry) noexcept { delete std::exchange(entry, entry->next); }

    Entry* first_ = nullptr;
};

/// What the console keeps from one call to the next: for each loop, and for each thread that has none.
/// https://console.spec.whatwg.org/#counting https://console.spec.whatwg.org/#timing
///
/// It is made by the first call that counts, times or opens a group; what only prints makes none.
struct ConsoleState {
    Labels counts;
    Labels timers;
    std::size_t indentation = 0;

    /// The state of this thread, if there is one.
    static ConsoleState* find() noexcept {
        return EventLoop::hasCurrent() ? EventLoop::current().attachments().find<ConsoleState>() : ofThread();
    }
    static ConsoleState& here();

    /// In milliseconds; on the loop's clock, if there is a loop.
    static double now() {
        if (EventLoop::hasCurrent()) return EventLoop::current().now();
        const std::chrono::duration<double, std::milli> now = std::chrono::steady_clock::now().time_since_epoch();
        return now.count();
    }

private:
    struct Owned;

    /// A plain pointer, which may be asked at any time of the thread's life.
    static ConsoleState*& ofThread() noexcept {
        constinit static thread_local ConsoleState* state = nullptr;
        return state;
    }
};

struct ConsoleState::Owned : ConsoleState {
    Owned() noexcept { ofThread() = this; }
    Owned(const Owned&) = delete;
    Owned& operator=(const Owned&) = delete;
    ~Owned() { ofThread() = nullptr; }
};

[[gnu::cold]] inline ConsoleState& ConsoleState::here() {
    if (EventLoop::hasCurrent()) return EventLoop::current().attachments().of<ConsoleState>();
    thread_local Owned state;
    return state;
}

/// A duration, as `console.timeEnd` shows it: `1.234ms`, `1.234s`, `1:02.345 (m:ss.mmm)`, `1:01:02.345 (h:mm:ss.mmm)`.
[[gnu::cold]] inline void appendDuration(base::Text& out, double milliseconds) {
    if (milliseconds >= 60'000) {
        constexpr double hour = 3'600'000;
        const auto hours = static_cast<long long>(milliseconds / hour);
        const double rest = std::fmod(milliseconds, hour);
        const auto minutes = static_cast<long long>(rest / 60'000);
        base::Text seconds;
        appendThousandths(seconds, std::fmod(rest, 60'000) / 1000);
        if (hours > 0) out.appendNumber(hours) += minutes < 10 ? ":0" : ":";
        out.appendNumber(minutes) += seconds.view().size() < 6 ? ":0" : ":";
        (out += seconds.view()) += hours > 0 ? " (h:mm:ss.mmm)" : " (m:ss.mmm)";
    } else if (milliseconds >= 1000) {
        appendThousandths(out, milliseconds / 1000);
        out += 's';
    } else {
        base::Text text;
        appendThousandths(text, milliseconds);
        std::string_view digits = text.view();
        while (digits.ends_with('0')) digits.remove_suffix(1);
        if (digits.ends_with('.')) digits.remove_suffix(1);
        (out += digits) += "ms";
    }
}

}
