// error: AsyncGenerator<T> yields values
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>

void f(rondo::AsyncGenerator<int&>* generator) { generator->next(); }
