#include <rondo/rondo.hpp>

int main() {
    return rondo::run([] { rondo::console.log("ok"); });
}
