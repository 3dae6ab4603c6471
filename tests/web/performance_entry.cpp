// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/web/performance_entry.hpp>

#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>

using namespace rondo;

TEST_CASE("a mark is an instant and a measure a span of time") {
    const PerformanceMark mark("m", 1.5);
    CHECK(mark.name() == "m");
    CHECK(mark.entryType() == "mark");
    CHECK(mark.startTime() == 1.5);
    CHECK(mark.duration() == 0.0);
    const PerformanceMeasure measure("n", 1, 2);
    CHECK(measure.name() == "n");
    CHECK(measure.entryType() == "measure");
    CHECK(measure.startTime() == 1.0);
    CHECK(measure.duration() == 2.0);
}

TEST_CASE("an entry is copied without throwing and keeps its name") {
    static_assert(std::is_nothrow_copy_constructible_v<PerformanceEntry>);
    std::string name("name");
    const PerformanceEntry entry = PerformanceMark(name, 0);
    name = "else";
    CHECK(entry.name() == "name");
}

TEST_CASE("what a measure counts from is a mark or a time") {
    CHECK(web::MarkOrTime("a").mark() == "a");
    CHECK(web::MarkOrTime(std::string_view("a")).isMark());
    CHECK(web::MarkOrTime(5).time() == 5.0);
    CHECK_FALSE(web::MarkOrTime(0.5).isMark());
}

TEST_CASE("an entry is written as Node shows it") {
    std::ostringstream written;
    written << PerformanceMark("load", 5) << ' ' << PerformanceMeasure("all", 1, 2.5);
    CHECK(written.str() == "PerformanceMark { name: 'load', entryType: 'mark', startTime: 5, duration: 0 } "
                           "PerformanceMeasure { name: 'all', entryType: 'measure', startTime: 1, duration: 2.5 }");
}
