// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/text.hpp>

#include <concepts>
#include <optional>
#include <string_view>
#include <type_traits>

namespace rondo {

/// An instant, or a span of time, that has a name. https://developer.mozilla.org/docs/Web/API/PerformanceEntry
///
/// Copying it never throws.
class PerformanceEntry {
public:
    std::string_view name() const noexcept { return name_.view(); }
    /// "mark" or "measure".
    std::string_view entryType() const noexcept { return isMark_ ? "mark" : "measure"; }
    /// In milliseconds, as `performance.now()`.
    double startTime() const noexcept { return startTime_; }
    double duration() const noexcept { return duration_; }

    /// `PerformanceMark { name: 'load', entryType: 'mark', startTime: 5, duration: 0 }`
    template <class Stream>
    friend auto operator<<(Stream& out, const PerformanceEntry& entry) -> decltype(out << std::string_view()) {
        return out << (entry.isMark_ ? "PerformanceMark" : "PerformanceMeasure") << " { name: '" << entry.name()
                   << "', entryType: '" << entry.entryType() << "', startTime: " << entry.startTime()
                   << ", duration: " << entry.duration() << " }";
    }

protected:
    PerformanceEntry(std::string_view name, bool isMark, double startTime, double duration)
        : name_(name), startTime_(startTime), duration_(duration), isMark_(isMark) {}

private:
    base::SharedText name_;
    double startTime_;
    double duration_;
    bool isMark_;
};

/// https://developer.mozilla.org/docs/Web/API/PerformanceMark
class PerformanceMark : public PerformanceEntry {
public:
    PerformanceMark(std::string_view name, double startTime) : PerformanceEntry(name, true, startTime, 0) {}
};

/// https://developer.mozilla.org/docs/Web/API/PerformanceMeasure
class PerformanceMeasure : public PerformanceEntry {
public:
    PerformanceMeasure(std::string_view name, double startTime, double duration)
        : PerformanceEntry(name, false, startTime, duration) {}
};

namespace web {

/// A number of milliseconds, as `performance.now()`, or the name of a mark; or not given.
class MarkOrTime {
public:
    template <class N>
        requires std::is_arithmetic_v<N>
    MarkOrTime(N time) noexcept // NOLINT(google-explicit-constructor): a number is a time, as in JavaScript
        : time_(static_cast<double>(time)) {}
    template <class Text>
        requires std::convertible_to<const Text&, std::string_view>
    // NOLINTNEXTLINE(google-explicit-constructor): and a string a mark
    MarkOrTime(const Text& mark) noexcept : mark_(mark), kind_(Kind::mark) {}

    static MarkOrTime none() noexcept { return MarkOrTime(Kind::none); }

    bool given() const noexcept { return kind_ != Kind::none; }
    bool isMark() const noexcept { return kind_ == Kind::mark; }
    std::string_view mark() const noexcept { return mark_; }
    double time() const noexcept { return time_; }

private:
    enum class Kind : unsigned char { none, mark, time };
    explicit MarkOrTime(Kind kind) noexcept : kind_(kind) {}

    std::string_view mark_;
    double time_ = 0;
    Kind kind_ = Kind::time;
};

}

/// https://developer.mozilla.org/docs/Web/API/Performance/mark#markoptions
struct PerformanceMarkOptions {
    std::optional<double> startTime = {};
};

/// https://developer.mozilla.org/docs/Web/API/Performance/measure#measureoptions
struct PerformanceMeasureOptions {
    web::MarkOrTime start = web::MarkOrTime::none();
    std::optional<double> duration = {};
    web::MarkOrTime end = web::MarkOrTime::none();
};

static_assert(std::is_trivially_destructible_v<PerformanceMarkOptions> &&
              std::is_trivially_destructible_v<PerformanceMeasureOptions>);

}
