// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/http/header_list.hpp>

#include <string>
#include <vector>

using namespace rondo;
using http::HeaderList;

TEST_CASE("a name keeps the spelling it was first given") {
    HeaderList list;
    list.append("X-Name", "1");
    list.append("x-name", "2");
    list.append("Other", "3");
    CHECK(list.size() == 3);
    for (const auto& [name, value] : list) CHECK((name == "X-Name" || name == "Other"));
    CHECK(list.get("x-NAME") == "1, 2");
    list.set("X-NAME", "4");
    CHECK(list.size() == 2);
    CHECK(list.begin()->first == "X-Name");
    CHECK(list.begin()->second == "4");
}

TEST_CASE("a header may be removed and set by a view of itself") {
    HeaderList list;
    list.append("a", "a value that is too long to lie in place");
    list.append("A", "another");
    list.set(list.begin()->first, (list.begin() + 1)->second);
    CHECK(list.get("a") == "another");
    list.append(list.begin()->first, list.begin()->second);
    CHECK(list.get("a") == "another, another");
    list.remove(list.begin()->first);
    CHECK(list.empty());
    CHECK_FALSE(list.get("a"));
}

TEST_CASE("sorting combines all but Set-Cookie") {
    HeaderList list;
    for (const char* value : {"1", "2"}) {
        list.append("Set-Cookie", value);
        list.append("b", value);
        list.append("A", value);
    }
    const std::vector<http::NameValue> expected{{"a", "1, 2"}, {"b", "1, 2"}, {"set-cookie", "1"}, {"set-cookie", "2"}};
    CHECK(list.sortedAndCombined() == expected);
}
