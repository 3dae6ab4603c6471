// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"
#include "../support/journal.hpp"

#include <rondo/base/intrusive_list.hpp>

#include <memory>
#include <type_traits>

using rondo::base::IntrusiveList;
using rondo::base::ListHook;

namespace {

struct Guest : ListHook {
    explicit Guest(const char* n) : name(n) {}
    const char* name;
};

Journal names(const IntrusiveList<Guest>& list) {
    Journal journal;
    list.forEach([&](const Guest& guest) { journal(guest.name); });
    return journal;
}

}

TEST_CASE("a new list is empty") {
    const IntrusiveList<Guest> list;
    CHECK(list.empty());
    CHECK(names(list) == "");
}

TEST_CASE("elements stand in a list in the order in which they were appended") {
    Guest a("a"), b("b"), c("c");
    IntrusiveList<Guest> list;
    list.pushBack(a);
    list.pushBack(b);
    list.pushBack(c);
    CHECK(names(list) == "a b c");
    CHECK(&list.front() == &a);
    CHECK(&list.back() == &c);
    CHECK_FALSE(list.empty());
}

TEST_CASE("an element leaves its list from the front and the middle and the back") {
    Guest a("a"), b("b"), c("c"), d("d");
    IntrusiveList<Guest> list;
    for (Guest* guest : {&a, &b, &c, &d}) list.pushBack(*guest);
    b.unlink();
    CHECK(names(list) == "a c d");
    a.unlink();
    CHECK(names(list) == "c d");
    d.unlink();
    CHECK(names(list) == "c");
    CHECK(&list.front() == &list.back());
    c.unlink();
    CHECK(list.empty());
}

TEST_CASE("an element that is destroyed leaves its list") {
    Guest a("a"), c("c");
    IntrusiveList<Guest> list;
    list.pushBack(a);
    auto b = std::make_unique<Guest>("b");
    list.pushBack(*b);
    list.pushBack(c);
    b.reset();
    CHECK(names(list) == "a c");
}

TEST_CASE("unlinking an element twice or one that never was in a list does nothing") {
    Guest a("a"), b("b");
    a.unlink();
    CHECK_FALSE(a.linked());
    IntrusiveList<Guest> list;
    list.pushBack(a);
    list.pushBack(b);
    CHECK(a.linked());
    a.unlink();
    a.unlink();
    CHECK_FALSE(a.linked());
    CHECK(names(list) == "b");
}

TEST_CASE("an element that has left can be appended again and to another list") {
    Guest a("a"), b("b");
    IntrusiveList<Guest> one;
    IntrusiveList<Guest> other;
    one.pushBack(a);
    one.pushBack(b);
    a.unlink();
    one.pushBack(a);
    CHECK(names(one) == "b a");
    b.unlink();
    other.pushBack(b);
    CHECK(names(one) == "a");
    CHECK(names(other) == "b");
}

TEST_CASE("elements may outlive their list") {
    Guest a("a"), b("b");
    {
        IntrusiveList<Guest> list;
        list.pushBack(a);
        list.pushBack(b);
    }
    b.unlink(); // reaches only the other element
    CHECK_FALSE(a.linked());
}

TEST_CASE("elements are neither copied nor moved for they are linked by address") {
    STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<Guest>);
    STATIC_REQUIRE_FALSE(std::is_move_constructible_v<Guest>);
}
