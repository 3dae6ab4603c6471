// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/error.hpp>
#include <rondo/base/text.hpp>
#include <rondo/loop/event_loop.hpp>
#include <rondo/web/performance_entry.hpp>

#include <chrono>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace rondo {

namespace web {

/// A loop's marks and measures, in the order of their times, and of their making where these are equal.
/// https://www.w3.org/TR/performance-timeline/#performance-timeline
///
/// A template, so that only files that use it compile it.
template <class Entry = PerformanceEntry>
class PerformanceTimeline {
public:
    static PerformanceTimeline& here() { return EventLoop::current().attachments().of<PerformanceTimeline>(); }

    template <class Made>
    Made add(Made entry) {
        auto place = entries_.end();
        while (place != entries_.begin() && entry.startTime() < std::prev(place)->entry.startTime()) --place;
        entries_.insert(place, Recorded{entry, ++made_});
        return entry;
    }

    /// Those that `matches`.
    template <class Predicate>
    std::vector<Entry> all(Predicate matches) const {
        std::vector<Entry> found;
        for (const Recorded& each : entries_) {
            if (matches(each.entry)) found.push_back(each.entry);
        }
        return found;
    }

    template <class Predicate>
    void remove(Predicate matches) {
        std::erase_if(entries_, [&](const Recorded& each) { return matches(each.entry); });
    }

    /// https://www.w3.org/TR/user-timing/#convert-a-mark-to-a-timestamp
    double timeOf(const MarkOrTime& instant) const {
        if (!instant.isMark()) {
            if (instant.time() < 0) throw TypeError("a time on the timeline cannot be negative");
            return instant.time();
        }
        const Recorded* newest = nullptr;
        for (const Recorded& each : entries_) {
            const bool isIt = each.entry.entryType() == "mark" && each.entry.name() == instant.mark();
            if (isIt && (!newest || each.number > newest->number)) newest = &each;
        }
        if (newest) return newest->entry.startTime();
        base::Text message;
        ((message += "The \"") += instant.mark()) += "\" performance mark has not been set";
        throw DOMException(message.view(), "SyntaxError");
    }

    std::optional<double> origin;

private:
    struct Recorded {
        Entry entry;
        unsigned long long number;
    };

    std::vector<Recorded> entries_;
    unsigned long long made_ = 0;
};

}

/// https://developer.mozilla.org/docs/Web/API/Performance
///
/// It speaks to this thread's loop, with which its entries go; `std::logic_error` if there is none.
///
/// Unlike the Web: entries have no `detail`.
struct Performance {
    /// Milliseconds since the loop of this thread began, with a fraction; in virtual time, virtual ones.
    double now() const { return EventLoop::current().now(); }

    /// When the loop began, in milliseconds since 1970 on the system's clock, which is asked once.
    template <class Entry = PerformanceEntry>
    double timeOrigin() const {
        std::optional<double>& origin = web::PerformanceTimeline<Entry>::here().origin;
        if (!origin) {
            const std::chrono::duration<double, std::milli> today = std::chrono::system_clock::now().time_since_epoch();
            origin = today.count() - now();
        }
        return *origin;
    }

    /// Records an instant: now, or the one given.
    template <class Entry = PerformanceEntry>
    PerformanceMark mark(std::string_view name, const PerformanceMarkOptions& options = {}) const {
        auto& timeline = web::PerformanceTimeline<Entry>::here();
        return timeline.add(PerformanceMark(name, options.startTime ? timeline.timeOf(*options.startTime) : now()));
    }

    /// Records a span of time: from `start`, or since the loop began, to `end`, or until now. A mark that is not there
    /// is a `DOMException` "SyntaxError", a time below 0 a `TypeError`.
    template <class Entry = PerformanceEntry>
    PerformanceMeasure measure(std::string_view name) const {
        return measure<Entry>(name, PerformanceMeasureOptions{.end = now()});
    }
    template <class Entry = PerformanceEntry>
    PerformanceMeasure measure(std::string_view name, const web::MarkOrTime& start) const {
        return measure<Entry>(name, PerformanceMeasureOptions{.start = start});
    }
    template <class Entry = PerformanceEntry>
    PerformanceMeasure measure(std::string_view name, const web::MarkOrTime& start, const web::MarkOrTime& end) const {
        return measure<Entry>(name, PerformanceMeasureOptions{.start = start, .end = end});
    }
    /// With a duration one of start and end is given, neither both nor none: a `TypeError`.
    template <class Entry = PerformanceEntry>
    PerformanceMeasure measure(std::string_view name, const PerformanceMeasureOptions& options) const {
        const auto& [start, duration, end] = options;
        if (duration && start.given() == end.given())
            throw TypeError("a measure with a duration needs its start or its end, and not both");
        auto& timeline = web::PerformanceTimeline<Entry>::here();
        const double last = end.given() ? timeline.timeOf(end) : duration ? timeline.timeOf(start) + *duration : now();
        const double first = start.given() ? timeline.timeOf(start) : duration ? last - *duration : 0;
        return timeline.add(PerformanceMeasure(name, first, last - first));
    }

    /// In the order of their start.
    template <class Entry = PerformanceEntry>
    std::vector<Entry> getEntries() const {
        return web::PerformanceTimeline<Entry>::here().all([](const Entry&) { return true; });
    }
    template <class Entry = PerformanceEntry>
    std::vector<Entry> getEntriesByName(std::string_view name, std::string_view type = {}) const {
        return web::PerformanceTimeline<Entry>::here().all(
            [&](const Entry& entry) { return entry.name() == name && (type.empty() || entry.entryType() == type); });
    }
    template <class Entry = PerformanceEntry>
    std::vector<Entry> getEntriesByType(std::string_view type) const {
        return web::PerformanceTimeline<Entry>::here().all(
            [&](const Entry& entry) { return entry.entryType() == type; });
    }

    /// Those of this name, or all.
    template <class Entry = PerformanceEntry>
    void clearMarks(std::optional<std::string_view> name = {}) const {
        clear<Entry>("mark", name);
    }
    template <class Entry = PerformanceEntry>
    void clearMeasures(std::optional<std::string_view> name = {}) const {
        clear<Entry>("measure", name);
    }

private:
    template <class Entry>
    static void clear(std::string_view type, std::optional<std::string_view> name) {
        web::PerformanceTimeline<Entry>::here().remove(
            [&](const Entry& entry) { return entry.entryType() == type && (!name || entry.name() == *name); });
    }
};

inline constexpr Performance performance{};

}
