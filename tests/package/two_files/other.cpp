#include <rondo/rondo.hpp>

rondo::Promise<int> other(int value);

rondo::Promise<int> other(int value) {
    co_await rondo::Promise<>::resolve();
    co_return value + 1;
}
