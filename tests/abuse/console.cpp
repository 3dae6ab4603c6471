// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/journal.hpp"
#include "support/sanitizers.hpp"
#include "support/written.hpp"

#include <rondo/base/error.hpp>
#include <rondo/loop/event_loop.hpp>
#include <rondo/promise.hpp>
#include <rondo/web/console.hpp>
#include <rondo/web/performance.hpp>

#include <array>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <map>
#include <string>
#include <string_view>
#include <vector>

// So much that what is quadratic would not end. AddressSanitizer is slower.

using namespace rondo;

namespace {

constexpr int million = withAddressSanitizer ? 100'000 : 1'000'000;
constexpr std::size_t megabytes10 = withAddressSanitizer ? 1'000'000 : 10'000'000;

/// A value whose depth is not known to the compiler.
struct Tree {
    std::vector<Tree> branches;
    using value_type = Tree;
    auto begin() const { return branches.begin(); }
    auto end() const { return branches.end(); }
};

template <class F>
std::string printed(F f) {
    return writtenTo(stdout, f);
}

/// How many bytes end with these characters.
Journal sizeAndEnd(const std::string& text, std::size_t tail) {
    Journal log;
    log(text.size(), std::string_view(text).substr(text.size() - tail));
    return log;
}

}

TEST_CASE("console writes very long text as it is and quoted and as a part") {
    const std::string text(megabytes10, 'x');
    std::string out = printed([&] { console.log(text); });
    CHECK(out.size() == megabytes10 + 1);
    out = printed([&] { console.log("%s %s", text, 1); });
    CHECK(out.size() == megabytes10 + 3);
    out = printed([&] { console.log(std::vector<std::string>{text}); });
    const std::string rest = std::to_string(megabytes10 - 10'000);
    CHECK(out == "[ '" + text.substr(0, 10'000) + "'... " + rest + " more characters ]\n");
    out = printed([&] { console.log("%j", text); });
    CHECK(out.size() == megabytes10 + 3);
    std::string lines;
    for (std::size_t i = 0; i < megabytes10 / 10; ++i) lines += "%d\n\t\x1b\x7f'\"\\";
    out = printed([&] { console.log(lines, 1); }); // the first %d alone is a 1
    CHECK(out.size() == lines.size() - 2 + 1 + 1);
    out = printed([&] {
        console.group();
        console.log(lines);
        console.groupEnd();
    });
    CHECK(out.size() > lines.size());
    CHECK(out.starts_with("  %d\n  \t"));
}

TEST_CASE("console shows of a huge list a hundred items and says how many are left") {
    const std::vector<int> numbers(static_cast<std::size_t>(million), 7);
    CHECK(sizeAndEnd(printed([&] { console.log(numbers); }), 23).text().ends_with("more items ]\n"));
    std::map<int, std::vector<int>> map;
    for (int i = 0; i < million / 10; ++i) map[i] = {i};
    const std::string out = printed([&] { console.log(map); });
    CHECK(out.starts_with("Map(" + std::to_string(million / 10) + ") { 0 => [ 0 ], "));
    CHECK(out.ends_with("... " + std::to_string(million / 10 - 100) + " more items }\n"));
    const std::string json = printed([&] { console.log("%j", numbers); });
    CHECK(json.size() == 2 * numbers.size() + 2);
}

TEST_CASE("console shows of what is nested deeply its first levels alone") {
    Tree tree;
    for (int i = 0; i < 1'000; ++i) {
        Tree outer;
        outer.branches.push_back(std::move(tree));
        tree = std::move(outer);
    }
    CHECK(printed([&] { console.log(tree); }) == "[ [ [ [Array] ] ] ]\n");
    CHECK(printed([&] { console.log("%j", tree); }) == std::string(1'001, '[') + std::string(1'001, ']') + "\n");
    Tree wide;
    wide.branches.resize(static_cast<std::size_t>(million / 10), Tree{{Tree(), Tree()}});
    CHECK(printed([&] { console.log(wide); }).ends_with(" more items ]\n"));
}

TEST_CASE("an error has a cause that has a cause a thousand times over") {
    std::exception_ptr cause;
    for (int i = 0; i < 1'000; ++i) cause = std::make_exception_ptr(Error("number " + std::to_string(i), cause));
    const std::string out = printed([&] { console.log(cause); });
    CHECK(occurrences(out, "[cause]") == 999);
    CHECK(out.starts_with("Error: number 999\n"));
}

TEST_CASE("a million groups one in the other indent and end") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        const std::string out = printed([] {
            for (int i = 0; i < million; ++i) console.group();
            console.log("here");
            for (int i = 0; i < million + 10; ++i) console.groupEnd(); // ten too many
            console.log("there");
        });
        CHECK(out.size() == 2 * std::size_t{million} + 5 + 6);
        CHECK(out.ends_with(" here\nthere\n"));
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a table has a hundred thousand rows") {
    constexpr std::size_t count = withAddressSanitizer ? 5'000 : 100'000;
    std::vector<std::array<int, 2>> rows(count, {1, 2});
    const std::string out = printed([&] { console.table(rows); });
    CHECK(occurrences(out, "\n") == int{count} + 4);
    CHECK(occurrences(out, " 1 │ 2 │\n") == int{count});
    const std::string last = std::to_string(count - 1);
    CHECK(occurrences(out, "│ " + last + " ") == 1);
}

TEST_CASE("a table has a cell of a megabyte and rows of every length") {
    const std::string wide(withAddressSanitizer ? 100'000 : 1'000'000, 'x');
    std::vector<std::vector<std::string>> rows = {{}, {"a"}, {"a", "b"}, {wide}};
    const std::string out = printed([&] { console.table(rows); });
    CHECK(occurrences(out, "'a'") == 2);
    CHECK(occurrences(out, "more characters") == 1);
    rows.assign(1, std::vector<std::string>(500, "c"));
    CHECK(occurrences(printed([&] { console.table(rows); }), "'c'") == 500);
}

TEST_CASE("labels may be empty or very long or any bytes") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        using namespace std::string_view_literals;
        const std::string huge(megabytes10, 'l');
        for (const std::string_view label :
             {""sv, "a\0b"sv, "\n\t\x1b[31m"sv, "\xff\xfe"sv, "%s%d"sv, std::string_view(huge)}) {
            std::string expected(label);
            CHECK((printed([&] { console.count(label); }) == expected + ": 1\n"));
            CHECK((printed([&] { console.count(label); }) == expected + ": 2\n"));
            CHECK((printed([&] {
                       console.time(label);
                       console.timeLog(label, 1);
                       console.timeEnd(label);
                   }) == expected + ": 0ms 1\n" + expected + ": 0ms\n"));
            const std::string warned = writtenTo(stderr, [&] { console.timeEnd(label); });
            CHECK((warned == "Warning: No such label '" + expected + "' for console.timeEnd()\n"));
        }
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("console counts to a million and begins anew") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        const std::string out = printed([] {
            for (int i = 0; i < million; ++i) console.count();
            console.countReset();
            console.count();
        });
        CHECK(out.ends_with("\ndefault: " + std::to_string(million) + "\ndefault: 1\n"));
        CHECK(occurrences(out, "default: ") == million + 1);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a million marks are kept in their order and cleared") {
    EventLoop loop({.virtualTime = true});
    loop.run([] {
        for (int i = 0; i < million / 2; ++i) performance.mark("now");
        for (int i = 0; i < million / 2; ++i) performance.mark("later", {.startTime = static_cast<double>(i)});
        performance.measure("all", "now", "later");
        CHECK(performance.getEntries().size() == std::size_t{million} + 1);
        CHECK(performance.getEntriesByName("later").back().startTime() == million / 2 - 1);
        CHECK(performance.getEntriesByName("all").front().duration() == million / 2 - 1);
        performance.clearMarks("now");
        CHECK(performance.getEntriesByType("mark").size() == std::size_t{million} / 2);
        performance.clearMarks();
        performance.clearMeasures();
        CHECK(performance.getEntries().empty());
    });
}
