// 12. Events
// SPDX-License-Identifier: MIT
//
// Whoever derives from EventTarget can be listened to. `dispatchEvent` is a plain call: it has called the listeners
// when it returns, and the microtasks that they queued still wait. In JavaScript:
//
//     class Button extends EventTarget {
//         constructor() {
//             super(); // this is about what onclick is in a browser
//             this.addEventListener('click', event => {
//                 if (this.onclick?.(event) === false) event.preventDefault();
//             });
//         }
//         click() {
//             return this.dispatchEvent(new Event('click', { cancelable: true }));
//         }
//     }
//
//     const button = new Button();
//     button.onclick = () => console.log('replaced, and never called');
//     button.onclick = () => console.log('onclick');
//     button.addEventListener('click', () => console.log('the first click'), { once: true });
//     button.addEventListener('click', () => {
//         queueMicrotask(() => console.log('a microtask'));
//     });
//     button.click();
//     button.click();
//     console.log('Both clicks are done.');
//
//     setTimeout(() => {
//         console.log('-- preventDefault, which is what returning false from onclick does, too');
//         button.onclick = event => event.preventDefault();
//         console.log('may it?', button.click());
//         button.onclick = () => false;
//         console.log('may it?', button.click());
//
//         console.log('-- stopImmediatePropagation');
//         button.onclick = event => event.stopImmediatePropagation();
//         console.log('may it?', button.click());
//
//         console.log('-- CustomEvent, and a signal that takes the listener away');
//         const door = new EventTarget();
//         const controller = new AbortController();
//         door.addEventListener('knock', event => console.log(event.type, event.detail), { signal: controller.signal });
//         door.dispatchEvent(new CustomEvent('knock', { detail: 3 }));
//         controller.abort();
//         door.dispatchEvent(new CustomEvent('knock', { detail: 4 }));
//     });

#include <rondo/rondo.hpp>

#include <utility>

using namespace rondo;

class Button : public EventTarget {
public:
    template <class F>
    void onclick(F&& f) {
        eventHandler("click", std::forward<F>(f));
    }
    bool click() { return dispatchEvent(Event("click", {.cancelable = true})); }
};

int main() {
    Button button;
    return run([&] {
        button.onclick([] { console.log("replaced, and never called"); });
        button.onclick([] { console.log("onclick"); });
        button.addEventListener("click", [] { console.log("the first click"); }, {.once = true});
        button.addEventListener("click", [] { queueMicrotask([] { console.log("a microtask"); }); });
        button.click();
        button.click();
        console.log("Both clicks are done.");

        setTimeout([&] {
            console.log("-- preventDefault, which is what returning false from onclick does, too");
            button.onclick([](Event& event) { event.preventDefault(); });
            console.log("may it?", button.click());
            button.onclick([] { return false; });
            console.log("may it?", button.click());

            console.log("-- stopImmediatePropagation");
            button.onclick([](Event& event) { event.stopImmediatePropagation(); });
            console.log("may it?", button.click());

            console.log("-- CustomEvent, and a signal that takes the listener away");
            EventTarget door;
            AbortController controller;
            const auto knocked = [](CustomEvent<int>& event) { console.log(event.type(), event.detail()); };
            door.addEventListener("knock", knocked, {.signal = controller.signal()});
            door.dispatchEvent(CustomEvent("knock", 3));
            controller.abort();
            door.dispatchEvent(CustomEvent("knock", 4));
        });
    });
}
