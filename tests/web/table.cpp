// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/web/table.hpp>

#include <array>
#include <initializer_list>
#include <map>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

using namespace rondo;

namespace {

struct Point {
    int x;
    int y;
    friend std::ostream& operator<<(std::ostream& out, const Point& point) { return out << point.x << '/' << point.y; }
};

template <class T>
std::string table(const T& rows) {
    base::Text text;
    text += '\n';
    web::appendTable(text, rows, false);
    return std::string(text.view());
}

template <class T>
std::string table(const T& rows, std::initializer_list<std::string_view> columns) {
    base::Text text;
    text += '\n';
    web::appendTable(text, rows, false, &columns);
    return std::string(text.view());
}

}

TEST_CASE("a table of lists has a column for each place") {
    const std::string expected = R"(
┌─────────┬───┬───┐
│ (index) │ 0 │ 1 │
├─────────┼───┼───┤
│ 0       │ 1 │ 2 │
│ 1       │ 3 │ 4 │
└─────────┴───┴───┘)";
    CHECK(table(std::vector<std::vector<int>>{{1, 2}, {3, 4}}) == expected);
    CHECK(table(std::array<std::pair<int, int>, 2>{std::pair(1, 2), std::pair(3, 4)}) == expected);
    CHECK(table(std::tuple(std::tuple(1, 2), std::vector<int>{3, 4})) == expected);
    const int matrix[2][2] = {{1, 2}, {3, 4}};
    CHECK(table(matrix) == expected);
}

TEST_CASE("a table of single values has a column of values") {
    CHECK(table(std::vector<std::string>{"a", "it's", "b\n"}) == R"(
┌─────────┬────────┐
│ (index) │ Values │
├─────────┼────────┤
│ 0       │ 'a'    │
│ 1       │ "it's" │
│ 2       │ 'b\n'  │
└─────────┴────────┘)");
    CHECK(table(std::vector<Point>{{1, 2}}) == R"(
┌─────────┬────────┐
│ (index) │ Values │
├─────────┼────────┤
│ 0       │ 1/2    │
└─────────┴────────┘)");
}

TEST_CASE("a table of maps has a column for each key") {
    const std::vector<std::map<std::string, int>> rows{{{"a", 1}, {"b", 2}}, {{"b", 3}, {"c", 4}}};
    CHECK(table(rows) == R"(
┌─────────┬───┬───┬───┐
│ (index) │ a │ b │ c │
├─────────┼───┼───┼───┤
│ 0       │ 1 │ 2 │   │
│ 1       │   │ 3 │ 4 │
└─────────┴───┴───┴───┘)");
}

TEST_CASE("the keys of a map are the index of its table") {
    CHECK(table(std::map<std::string, std::map<std::string, int>>{{"r", {{"x", 1}}}, {"s", {{"y", 2}}}}) == R"(
┌─────────┬───┬───┐
│ (index) │ x │ y │
├─────────┼───┼───┤
│ r       │ 1 │   │
│ s       │   │ 2 │
└─────────┴───┴───┘)");
    CHECK(table(std::map<int, std::string>{{10, "a"}, {20, "b"}}) == R"(
┌─────────┬────────┐
│ (index) │ Values │
├─────────┼────────┤
│ 10      │ 'a'    │
│ 20      │ 'b'    │
└─────────┴────────┘)");
}

TEST_CASE("the values of a set are numbered as they are iterated") {
    CHECK(table(std::set<int>{1, 2}) == R"(
┌───────────────────┬────────┐
│ (iteration index) │ Values │
├───────────────────┼────────┤
│ 0                 │ 1      │
│ 1                 │ 2      │
└───────────────────┴────────┘)");
}

TEST_CASE("the column of single values stands behind those of lists") {
    using Row = std::variant<int, std::vector<int>>;
    CHECK(table(std::vector<Row>{1, std::vector<int>{2}}) == R"(
┌─────────┬───┬────────┐
│ (index) │ 0 │ Values │
├─────────┼───┼────────┤
│ 0       │   │ 1      │
│ 1       │ 2 │        │
└─────────┴───┴────────┘)");
    CHECK(table(std::vector<std::optional<std::vector<int>>>{std::nullopt, std::vector<int>{2}}) == R"(
┌─────────┬───┬───────────┐
│ (index) │ 0 │ Values    │
├─────────┼───┼───────────┤
│ 0       │   │ undefined │
│ 1       │ 2 │           │
└─────────┴───┴───────────┘)");
}

TEST_CASE("what lies deeper is shown in short") {
    using Cell = std::variant<int, std::vector<int>, std::vector<std::vector<int>>>;
    CHECK(table(std::vector<std::vector<Cell>>{{1, std::vector<int>{2, 3, 4, 5}},
                                               {std::vector<std::vector<int>>{{1}}}}) == R"(
┌─────────┬─────────────┬──────────────────────────────┐
│ (index) │ 0           │ 1                            │
├─────────┼─────────────┼──────────────────────────────┤
│ 0       │ 1           │ [ 2, 3, 4, ... 1 more item ] │
│ 1       │ [ [Array] ] │                              │
└─────────┴─────────────┴──────────────────────────────┘)");
}

TEST_CASE("a table of nothing has its index alone") {
    CHECK(table(std::vector<int>{}) == R"(
┌─────────┐
│ (index) │
├─────────┤
└─────────┘)");
    CHECK(table(std::vector<std::vector<int>>{{}}) == R"(
┌─────────┐
│ (index) │
├─────────┤
│ 0       │
└─────────┘)");
}

TEST_CASE("only the columns that are named are shown and in that order") {
    const std::vector<std::map<std::string, int>> rows{{{"a", 1}, {"b", 2}, {"c", 3}}};
    CHECK(table(rows, {"c", "a", "z"}) == R"(
┌─────────┬───┬───┬───┐
│ (index) │ c │ a │ z │
├─────────┼───┼───┼───┤
│ 0       │ 3 │ 1 │   │
└─────────┴───┴───┴───┘)");
    CHECK(table(std::vector<int>{1}, {"a"}) == R"(
┌─────────┬───┐
│ (index) │ a │
├─────────┼───┤
│ 0       │   │
└─────────┴───┘)");
    CHECK(table(rows, {}) == R"(
┌─────────┐
│ (index) │
├─────────┤
│ 0       │
└─────────┘)");
}

TEST_CASE("columns are as wide as a terminal shows their text") {
    CHECK(table(std::vector<std::string>{"ü", "日本", "😀", "é"}) == R"(
┌─────────┬────────┐
│ (index) │ Values │
├─────────┼────────┤
│ 0       │ 'ü'    │
│ 1       │ '日本' │
│ 2       │ '😀'   │
│ 3       │ 'é'    │
└─────────┴────────┘)");
    CHECK(web::displayWidth("e\u0301") == 1);
    CHECK(web::displayWidth("\x1b[33m12\x1b[39m") == 2);
    CHECK(web::displayWidth("\x1b") == 0);
    CHECK(web::displayWidth("\xff") == 1);
}
