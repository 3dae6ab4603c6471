#include <rondo/fetch.hpp>
#include <rondo/rondo.hpp>

using namespace rondo;

Promise<> main_() {
    const auto asked = co_await fetch("http://127.0.0.1:1/").settled(); // where nobody listens
    console.log("The answer is", asked.fulfilled() ? 0 : 42);
}

int main() { return run(main_); }
