#include <rondo/fetch.hpp>
#include <rondo/rondo.hpp>

using namespace rondo;

void main_() {
    configureFetch({.userAgent = "my program", .cookies = true});
    const FetchError error(42, "the answer");
    console.log("The answer is", error.code());
}

int main() { return run(main_); }
