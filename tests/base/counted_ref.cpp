// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/base/counted_ref.hpp>

#include <utility>

using namespace rondo;

namespace {

class Object : public base::Counted<Object> {
public:
    static inline int alive = 0;
    Object() { ++alive; }

private:
    friend class base::Counted<Object>;
    ~Object() { --alive; }
};
using Ref = base::CountedRef<Object>;

}

TEST_CASE("a counted object goes with the last of its owners") {
    Ref first(new Object);
    {
        const Ref second = first;
        const Ref third = Ref::shared(*first);
        CHECK(second == first);
        first = Ref();
        CHECK_FALSE(first);
        CHECK(Object::alive == 1);
        CHECK(third.get() == second.get());
    }
    CHECK(Object::alive == 0);
}

TEST_CASE("an owner that is moved or assigned passes its count on") {
    Ref first(new Object);
    Ref second(std::move(first));
    CHECK_FALSE(first);
    second = Ref(new Object);
    CHECK(Object::alive == 1);
    Ref& itself = second;
    second = itself;
    CHECK(Object::alive == 1);
    second = Ref();
    CHECK(Object::alive == 0);
}
