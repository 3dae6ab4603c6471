// 05. Then, catch, finally
// SPDX-License-Identifier: MIT
//
// `then` gives a new promise, of what its function returns: so they make chains. What is thrown falls past every
// `then` to the next `catch`, and from there on all is well again. In JavaScript:
//
//     function parse(text) {
//         if (!/^[0-9]+$/.test(text)) throw new TypeError(`"${text}" is not a number`);
//         return Number(text);
//     }
//
//     function show(text) {
//         return Promise.resolve(text)
//             .then(parse)
//             .then(number => console.log(text, 'doubled is', 2 * number))
//             .catch(error => console.log('Caught:', error.message))
//             .finally(() => console.log('Done with', text));
//     }
//
//     function fall() {
//         return Promise.reject(new RangeError('too far'))
//             .then(() => console.log('never printed'))
//             .catch(error => {
//                 console.log('Caught:', error.message);
//                 throw new Error('and then the rope broke'); // for the next one
//             })
//             .catch(error => {
//                 if (!(error instanceof TypeError)) throw error;
//                 console.log('never printed: this one is for others');
//             })
//             .then(() => console.log('never printed'), error => console.log('Caught:', error.message))
//             .then(() => console.log('All is well again.'));
//     }
//
//     show('21').then(() => show('twenty')).then(fall);
//     console.log('Handlers wait until the stack is empty.');

#include <rondo/rondo.hpp>

#include <string>

using namespace rondo;

int parse(const std::string& text) {
    if (text.find_first_not_of("0123456789") != text.npos) throw TypeError('"' + text + "\" is not a number");
    return std::stoi(text);
}

Promise<> show(const std::string& text) {
    return Promise<>::resolve(text)
        .then(parse)
        .then([=](int number) { console.log(text, "doubled is", 2 * number); })
        .catch_([](const Error& error) { console.log("Caught:", error.message()); })
        .finally([=] { console.log("Done with", text); });
}

Promise<> fall() {
    return Promise<>::reject(RangeError("too far"))
        .then([] { console.log("never printed"); })
        .catch_([](const Error& error) {
            console.log("Caught:", error.message());
            throw Error("and then the rope broke"); // for the next one
        })
        .catch_([](const TypeError&) { console.log("never printed: this one is for others"); })
        .then([] { console.log("never printed"); }, [](const Error& error) { console.log("Caught:", error.message()); })
        .then([] { console.log("All is well again."); });
}

int main() {
    return run([] {
        show("21").then([] { return show("twenty"); }).then(fall);
        console.log("Handlers wait until the stack is empty.");
    });
}
