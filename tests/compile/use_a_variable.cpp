// error: use\(\) keeps what is moved into it
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>

struct Resource {
    void dispose() {}
};

void f(rondo::AsyncDisposableStack& stack, Resource& resource) { stack.use(resource); }
