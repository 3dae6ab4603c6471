// error: run.. takes the function, which it calls on its loop
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>

rondo::Promise<> main_() { co_return; }

int main() { return rondo::run(main_()); }
