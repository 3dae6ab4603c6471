#include <rondo/rondo.hpp>

rondo::Promise<int> other(int value);

int main() {
    return rondo::run([]() -> rondo::Promise<void> {
        const int value = co_await other(41);
        rondo::console.log(value);
    });
}
