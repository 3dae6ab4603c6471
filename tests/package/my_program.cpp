#include <rondo/rondo.hpp>

using namespace rondo;

Promise<int> twice(int value) {
    const int half = co_await offload([value] { return value; });
    co_return 2 * half;
}

Promise<> main_() {
    const int answer = co_await twice(21);
    console.log("The answer is", answer);
}

int main() { return run(main_); }
